/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.many;

import java.time.Duration;
import org.amend4j.internal.validation.Checks;

/**
 * What an {@link AdapterServer} may use.
 *
 * @param rows of a batch, >= 1; a request with more makes a batch of its own
 * @param patience how long the first request of a batch waits for others, >= 0, at most a year
 * @param bytes of the adapters kept in memory, >= 0; one that is being loaded comes on top
 */
public record ServerLimits(int rows, Duration patience, long bytes) {

    /** Nanoseconds are counted in a long. */
    private static final Duration LONGEST = Duration.ofDays(365);

    /** @throws IllegalArgumentException if a component breaks its rule */
    public ServerLimits {
        Checks.atLeast(1, "the rows of a batch", rows);
        Checks.present("the patience", patience);
        if (patience.isNegative() || bytes < 0) {
            throw new IllegalArgumentException(
                    "the patience of a server and the bytes of its adapters must be >= 0, got " + patience + " and "
                            + bytes);
        }
        if (patience.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "the patience of a server must be at most " + LONGEST + ", got " + patience);
        }
    }

    /** Batches of up to 64 rows, which wait for 2 ms. */
    public static ServerLimits ofBytes(long bytes) {
        return new ServerLimits(64, Duration.ofMillis(2), bytes);
    }
}
