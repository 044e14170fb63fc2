/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.privacy;

import java.util.SplittableRandom;
import org.amend4j.random.RandomBytes;

/** Repeatable bytes, for tests only. */
final class Seeded implements RandomBytes {

    private final SplittableRandom random;
    private long drawn;

    Seeded(long seed) {
        random = new SplittableRandom(seed);
    }

    @Override
    public void fill(byte[] bytes) {
        random.nextBytes(bytes);
        drawn += bytes.length;
    }

    long drawn() {
        return drawn;
    }
}
