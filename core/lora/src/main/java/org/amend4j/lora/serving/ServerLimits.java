/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.serving;

import java.time.Duration;
import org.amend4j.internal.validation.Checks;

/**
 * What an {@link AdapterServer} may use.
 *
 * @param rows of a batch, >= 1; a request with more makes a batch of its own
 * @param patience how long the first request of a batch waits for others, and the batch for adapters that are new, >= 0, at most a year
 * @param bytes of the adapters kept in memory, >= 0; one that is being loaded comes on top
 * @param waiting requests at most, >= 1; what comes when so many wait is turned away
 * @param deadline how long a request may wait before it is computed, for its adapter too, > the patience, at most two years; one that has
 *     waited longer is not computed any more
 */
public record ServerLimits(int rows, Duration patience, long bytes, int waiting, Duration deadline) {

    /** Nanoseconds are counted in a long. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private static final int MANY = 4_096;
    private static final Duration MINUTE = Duration.ofMinutes(1);

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
        Checks.atLeast(1, "the requests that may wait", waiting);
        Checks.present("the deadline", deadline);
        if (deadline.compareTo(patience) <= 0 || deadline.compareTo(LONGEST.multipliedBy(2)) > 0) {
            throw new IllegalArgumentException("the deadline of a server must be more than its patience " + patience
                    + " and at most " + LONGEST.multipliedBy(2) + ", got " + deadline);
        }
    }

    /** With 4,096 requests that may wait, a minute longer than the patience. */
    public ServerLimits(int rows, Duration patience, long bytes) {
        this(
                rows,
                patience,
                bytes,
                MANY,
                Checks.present("the patience", patience).compareTo(LONGEST) > 0 ? MINUTE : patience.plus(MINUTE));
    }

    /** Batches of up to 64 rows, which wait for 2 ms. */
    public static ServerLimits ofBytes(long bytes) {
        return new ServerLimits(64, Duration.ofMillis(2), bytes);
    }
}
