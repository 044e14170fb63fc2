/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.random;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class SplitMix64DrawTest {

    @Test
    void aDrawFoundWithoutThoseBeforeIsTheirSuccessor() {
        for (long seed : new long[] {0, 1, -7, Long.MIN_VALUE, 0x9E3779B97F4A7C15L}) {
            SplitMix64 generator = new SplitMix64(seed);
            for (int earlier = 0; earlier < 1000; earlier++) {
                assertEquals(generator.nextLong(), SplitMix64.draw(seed, earlier), "seed " + seed);
            }
        }
    }
}
