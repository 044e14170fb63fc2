/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.random.SplitMix64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RewardNormaliserTest {

    /**
     * The initial state stands for a weight of 1e-4 at mean 0 and variance 1: the variance of all returns is then that of
     * a weighted sample. Rounding of 300 updates of numbers of size 10: below 1e-12 relative.
     */
    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void rewardsAreDividedByTheDeviationOfAllDiscountedReturnsSoFar(long seed) {
        SplitMix64 random = new SplitMix64(seed);
        int rows = 1 + random.nextInt(4);
        double discount = random.uniform(0.5, 1);
        RewardNormaliser normaliser = new RewardNormaliser(rows, discount);
        double[] running = new double[rows];
        List<Double> seen = new ArrayList<>();
        for (int t = 0; t < 100; t++) {
            double[] rewards = new double[rows];
            boolean[] terminated = new boolean[rows];
            for (int row = 0; row < rows; row++) {
                rewards[row] = random.uniform(-3, 5);
                terminated[row] = random.nextInt(10) == 0;
                running[row] = (terminated[row] ? 0 : discount * running[row]) + rewards[row];
                seen.add(running[row]);
            }
            double deviation = Math.sqrt(variance(seen) + 1e-8);
            double[] scaled = normaliser.normalise(rewards, terminated);
            for (int row = 0; row < rows; row++) {
                assertEquals(rewards[row] / deviation, scaled[row], 1e-12 * Math.max(1, Math.abs(scaled[row])));
            }
            assertArrayEquals(scaled, normaliser.scaleOnly(rewards));
        }
    }

    /** Of the prior's weight 1e-4 (mean 0, second moment 1) and the sample. */
    private static double variance(List<Double> seen) {
        double weight = 1e-4 + seen.size();
        double mean = seen.stream().mapToDouble(x -> x).sum() / weight;
        double squares = seen.stream().mapToDouble(x -> (x - mean) * (x - mean)).sum();
        return (squares + 1e-4 * (1 + mean * mean)) / weight;
    }

    @Test
    void onlyATerminationClearsTheReturn() {
        RewardNormaliser normaliser = new RewardNormaliser(2, 0.5);
        normaliser.normalise(new double[] {4, 4}, new boolean[] {false, false});
        normaliser.normalise(new double[] {1, 1}, new boolean[] {true, false});
        assertArrayEquals(new double[] {1, 3}, normaliser.state().returns());
    }

    @Test
    void aRebuiltNormaliserGoesOnBitForBit() {
        RewardNormaliser whole = new RewardNormaliser(3, 0.97);
        SplitMix64 random = new SplitMix64(5);
        boolean[] flags = {false, true, false};
        for (int t = 0; t < 50; t++) {
            whole.normalise(new double[] {random.nextGaussian(), random.nextGaussian(), 1}, flags);
        }
        RewardNormaliser.State state = whole.state();
        RewardNormaliser rebuilt = new RewardNormaliser(state);
        for (int t = 0; t < 50; t++) {
            double[] rewards = {random.nextGaussian(), random.nextGaussian(), 1};
            assertArrayEquals(whole.normalise(rewards, flags), rebuilt.normalise(rewards, flags));
        }
        assertEquals(whole.state(), rebuilt.state());
        assertEquals(state, new RewardNormaliser(state).state());
    }

    @Test
    void scalingAloneLearnsNothing() {
        RewardNormaliser normaliser = new RewardNormaliser(1, 0.9);
        RewardNormaliser.State before = normaliser.state();
        normaliser.scaleOnly(5, 6);
        assertEquals(before, normaliser.state());
    }

    @Test
    void whatIsNotFiniteOrDoesNotFitIsRefusedAndNothingLearned() {
        RewardNormaliser normaliser = new RewardNormaliser(1, 0.9);
        RewardNormaliser.State before = normaliser.state();
        for (double[] rewards : new double[][] {{Double.NaN}, {1, 2}, {}}) {
            assertThrows(IllegalArgumentException.class, () -> normaliser.normalise(rewards, new boolean[1]));
        }
        assertEquals(before, normaliser.state());
        assertThrows(IllegalArgumentException.class, () -> new RewardNormaliser(1, 1.1));
        assertThrows(IllegalArgumentException.class, () -> new RewardNormaliser(0, 0.9));
        double[] none = {};
        assertThrows(IllegalArgumentException.class, () -> new RewardNormaliser.State(0.9, none, 1, 0, 1));
    }
}
