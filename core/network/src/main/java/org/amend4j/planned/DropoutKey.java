/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.planned;

import org.amend4j.random.SplitMix64;

/** Keys of steps' dropout: the n-th draw of {@link SplitMix64} from a seed, found without those before. */
final class DropoutKey {

    /** What a draw adds to the state. */
    private static final long INCREMENT = 0x9E3779B97F4A7C15L;

    private DropoutKey() {}

    /** @param step from 0 */
    static long of(long seed, long step) {
        return new SplitMix64(seed + step * INCREMENT).nextLong();
    }
}
