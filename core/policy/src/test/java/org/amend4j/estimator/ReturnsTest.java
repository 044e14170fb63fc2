/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReturnsTest {

    @ParameterizedTest
    @MethodSource("org.amend4j.estimator.Sequence#all")
    void returnsAndWeightsAreTheReference(Sequence golden) {
        double gamma = golden.number("gamma");
        List<double[]> rewards = golden.episodes("rewards");
        List<double[]> values = golden.episodes("values");
        List<double[]> toGo = golden.episodes("discounted_reward_to_go");
        List<double[]> weights = golden.episodes("gpomdp_weights");
        List<double[]> lowered = golden.episodes("gpomdp_weights_with_baseline");
        assertEquals(3, rewards.size());
        for (int i = 0; i < rewards.size(); i++) {
            assertArrayEquals(toGo.get(i), Returns.toGo(rewards.get(i), gamma), Sequence.TOLERANCE);
            assertArrayEquals(weights.get(i), Returns.gpomdpWeights(rewards.get(i), gamma, 0), Sequence.TOLERANCE);
            assertArrayEquals(
                    lowered.get(i), Returns.gpomdpWeights(rewards.get(i), gamma, 0, values.get(i)), Sequence.TOLERANCE);
            assertEquals(toGo.get(i)[0], Returns.discounted(rewards.get(i), gamma, 0), Sequence.TOLERANCE);
        }
    }

    /** At most 40 terms of at most 3, each off by a few 2^-53: below 1e-13. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void weightsAreSumsOfRewardsDiscountedInAbsoluteTime(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] rewards = random.doubles(1 + random.nextInt(40), -3, 3).toArray();
        double gamma = random.nextDouble();
        int time = random.nextInt(20);
        double[] weights = Returns.gpomdpWeights(rewards, gamma, time);
        for (int k = 0; k < rewards.length; k++) {
            double expected = 0;
            for (int t = k; t < rewards.length; t++) {
                expected += Math.pow(gamma, time + t) * rewards[t];
            }
            assertEquals(expected, weights[k], 1e-13);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void weightsOfTheFirstPartLackTheDiscountedReturnOfTheSecond(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] whole = random.doubles(2 + random.nextInt(40), -3, 3).toArray();
        int cut = 1 + random.nextInt(whole.length - 1);
        double[] first = Returns.gpomdpWeights(Arrays.copyOf(whole, cut), 0.97, 0);
        double[] rest = Arrays.copyOfRange(whole, cut, whole.length);
        double[] second = Returns.gpomdpWeights(rest, 0.97, cut);
        double beyond = Returns.discounted(rest, 0.97, cut);
        double[] expected = Returns.gpomdpWeights(whole, 0.97, 0);
        for (int k = 0; k < whole.length; k++) {
            assertEquals(expected[k], k < cut ? first[k] + beyond : second[k - cut], 1e-12);
        }
    }

    @Test
    void theEndsOfTheDiscountAreTheFirstRewardAndThePlainSum() {
        double[] rewards = {3, -1, 5};
        assertArrayEquals(new double[] {7, 4, 5}, Returns.gpomdpWeights(rewards, 1, 9), 0);
        assertArrayEquals(new double[] {3, -1, 5}, Returns.toGo(rewards, 0), 0);
        assertArrayEquals(new double[] {3, 0, 0}, Returns.gpomdpWeights(rewards, 0, 0), 0);
    }

    @Test
    void badNumbersAreRefused() {
        double[] one = {1};
        refused("the discount must be in [0, 1], got 1.5", () -> Returns.toGo(one, 1.5));
        refused("a segment must have at least one row, got none", () -> Returns.toGo(new double[0], 1));
        refused("a reward must be finite, got NaN (row 1)", () -> Returns.toGo(new double[] {0, Double.NaN}, 1));
        refused("the time of a segment must be >= 0, got -1", () -> Returns.gpomdpWeights(one, 1, -1));
        refused(
                "baselines must have one number a row, 1, got 2",
                () -> Returns.gpomdpWeights(one, 1, 0, new double[2]));
        refused("a baseline must be finite", () -> Returns.gpomdpWeights(one, 1, 0, new double[] {1 / 0.0}));
    }
}
