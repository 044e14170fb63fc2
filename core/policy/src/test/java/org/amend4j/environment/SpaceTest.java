/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.amend4j.random.SplitMix64;
import org.junit.jupiter.api.Test;

class SpaceTest {

    @Test
    void aDiscreteSpaceContainsItsIndicesOnly() {
        Space.Discrete space = new Space.Discrete(3);
        assertTrue(space.contains(0) && space.contains(2));
        assertFalse(space.contains(3) || space.contains(-1) || space.contains(0.5) || space.contains(Double.NaN));
        assertFalse(space.contains() || space.contains(0, 0));
        assertEquals(2, space.index(2));
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> space.index(3));
        assertEquals("index must be one integer in [0, 2], got [3.0]", refused.getMessage());
    }

    @Test
    void aBoxContainsItsBoundsAndIsComparedByContent() {
        double[] low = {-1, 0};
        Space.Box box = new Space.Box(low, new double[] {1, Double.POSITIVE_INFINITY});
        low[0] = -5;
        box.low()[0] = -5;
        assertTrue(box.contains(-1, 0) && box.contains(1, 1e300));
        assertFalse(box.contains(-1.1, 0) || box.contains(0, Double.NaN) || box.contains(0));
        assertEquals(new Space.Box(new double[] {-1, 0}, new double[] {1, Double.POSITIVE_INFINITY}), box);
        assertThrows(IllegalStateException.class, () -> box.sample(new SplitMix64(1)));
        assertThrows(IllegalArgumentException.class, () -> new Space.Box(new double[] {1}, new double[] {0}));
    }

    /** 60,000 draws: five standard errors of a count with chance 1/6, or 1/2, are 457 and 612. */
    @Test
    void samplesAreUniformAndRespectTheMask() {
        SplitMix64 random = new SplitMix64(4);
        Space.Discrete die = new Space.Discrete(6);
        boolean[] even = {true, false, true, false, false, false};
        int[] counts = new int[6];
        int[] masked = new int[6];
        double mean = 0;
        for (int i = 0; i < 60_000; i++) {
            counts[(int) die.sample(random)[0]]++;
            masked[(int) die.sample(random, even)[0]]++;
            mean += Space.Box.symmetric(2).sample(random)[0] / 60_000;
        }
        for (int count : counts) {
            assertEquals(10_000, count, 457);
        }
        assertArrayEquals(new int[] {masked[0], 0, 60_000 - masked[0], 0, 0, 0}, masked);
        assertEquals(30_000, masked[0], 612);
        assertEquals(0, mean, 5 * 2 / Math.sqrt(3 * 60_000.0));
        assertThrows(IllegalArgumentException.class, () -> die.sample(random, new boolean[6]));
    }

    @Test
    void aTableWhoseProbabilitiesDoNotSumToOneIsRefusedWithItsPlace() {
        List<List<List<Transition>>> table = List.of(List.of(List.of(new Transition(0.5, 0, 0, false))));
        IllegalArgumentException refused =
                assertThrows(IllegalArgumentException.class, () -> new FiniteMdp(table, new double[] {1}));
        assertEquals("probabilities must sum to 1, got 0.5 (state 0, action 0)", refused.getMessage());
        List<List<List<Transition>>> outside = List.of(List.of(List.of(new Transition(1, 1, 0, false))));
        assertEquals(
                "next must be < 1, got 1 (state 0, action 0)",
                assertThrows(IllegalArgumentException.class, () -> new FiniteMdp(outside, new double[] {1}))
                        .getMessage());
    }

    /** Slippery ice from state 0 going down: left stays, down, right; 30,000 draws, five standard errors 408. */
    @Test
    void outcomesAreDrawnWithTheirProbabilities() {
        TabularEnvironment lake =
                FrozenLake.lake(FrozenLake.Rules.SLIPPERY, FrozenLake.MAP_4X4).environment();
        int[] counts = new int[16];
        for (int i = 0; i < 30_000; i++) {
            lake.resetTo(0, i);
            counts[(int) lake.step(1).observation()[0]]++;
        }
        assertEquals(10_000, counts[0], 408);
        assertEquals(10_000, counts[1], 408);
        assertEquals(30_000 - counts[0] - counts[1], counts[4]);
    }
}
