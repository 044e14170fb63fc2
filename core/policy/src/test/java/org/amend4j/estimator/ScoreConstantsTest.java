/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScoreConstantsTest {

    private static final double ROUNDING = 1e-12;

    /** Random policies over random features, and the second moment in random directions. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void noScoreOfALinearSoftmaxIsBeyondItsConstants(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        ScoreConstants constants = ScoreConstants.linearSoftmax(1.5);
        for (int trial = 0; trial < 50; trial++) {
            double[] pi = law(random, 4);
            double[][] features = new double[4][];
            for (int a = 0; a < 4; a++) {
                features[a] = direction(random, 3, 1.5 * random.nextDouble());
            }
            assertWithin(constants, pi, centred(pi, features), random);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void noScoreOfATabularSoftmaxIsBeyondItsConstants(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[][] unit = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
        for (int trial = 0; trial < 50; trial++) {
            double[] pi = law(random, 3);
            assertWithin(ScoreConstants.tabularSoftmax(), pi, centred(pi, unit), random);
        }
    }

    /** Two equal features with opposite signs, and an action that is never taken: nothing smaller would do. */
    @Test
    void theConstantsAreReached() {
        double[] even = {0.5, 0.5};
        double[][] opposite = {{1.5}, {-1.5}};
        double moment = secondMoment(even, centred(even, opposite), new double[] {1});
        assertEquals(ScoreConstants.linearSoftmax(1.5).secondMoment(), moment, ROUNDING);
        double[] sure = {1, 0};
        assertEquals(ScoreConstants.linearSoftmax(1.5).norm(), norm(centred(sure, opposite)[1]), ROUNDING);
        double root = Math.sqrt(0.5);
        double[][] unit = {{1, 0}, {0, 1}};
        assertEquals(0.5, secondMoment(even, centred(even, unit), new double[] {root, -root}), ROUNDING);
        assertEquals(ScoreConstants.tabularSoftmax().norm(), norm(centred(sure, unit)[1]), ROUNDING);
    }

    @Test
    void aGaussianHasASecondMomentOnly() {
        assertEquals(
                Double.POSITIVE_INFINITY, ScoreConstants.gaussian(1, 0.5, false).norm());
        assertEquals(4, ScoreConstants.gaussian(1, 0.5, false).secondMoment());
        assertEquals(0.25, ScoreConstants.gaussian(1, 2, false).secondMoment());
        // E (ξ² - 1)² = 3 - 2 + 1
        assertEquals(2, ScoreConstants.gaussian(1, 2, true).secondMoment());
    }

    @Test
    void constantsAreRoundedUp() {
        assertTrue(new BigDecimal(ScoreConstants.tabularSoftmax().norm()).pow(2).compareTo(BigDecimal.valueOf(2)) >= 0);
        SplittableRandom random = new SplittableRandom(5);
        for (int i = 0; i < 100; i++) {
            double b = random.nextDouble(3);
            double sigma = random.nextDouble(0.1, 3);
            BigDecimal square = new BigDecimal(b).pow(2);
            assertTrue(new BigDecimal(ScoreConstants.linearSoftmax(b).secondMoment()).compareTo(square) >= 0);
            BigDecimal moment =
                    new BigDecimal(ScoreConstants.gaussian(b, sigma, false).secondMoment());
            assertTrue(moment.multiply(new BigDecimal(sigma).pow(2)).compareTo(square) >= 0);
            RewardRange range = RewardRange.known(-b, sigma);
            BigDecimal width = new BigDecimal(range.half()).multiply(BigDecimal.valueOf(2));
            assertTrue(width.compareTo(new BigDecimal(sigma).add(new BigDecimal(b))) >= 0);
        }
        assertEquals(1, RewardRange.known(-1, 1).half(), 0);
    }

    @Test
    void whatWasSeenIsAnEstimate() {
        ScoreConstants seen = ScoreConstants.largestSeen(new double[] {0.5, 3, 1});
        assertEquals(new ScoreConstants(3, 9, BoundAssurance.ESTIMATED, "largest of 3 scores"), seen);
        assertEquals(new RewardRange(-2, 1, BoundAssurance.ESTIMATED), RewardRange.seen(new double[] {1, -2, 0}));
        assertEquals(
                BoundAssurance.ESTIMATED,
                RewardRange.seen(new double[] {1}).withEnd().assurance());
        assertEquals(0, RewardRange.seen(new double[] {1}).withEnd().least());
        assertEquals(2, RewardRange.known(-2, 1).magnitude());
    }

    @Test
    void badNumbersAreRefused() {
        refused("score's norm must be >= 0", () -> ScoreConstants.known(-1, 1));
        refused("second moment must be >= 0", () -> ScoreConstants.known(1, Double.NaN));
        refused("the bound of the features must be >= 0", () -> ScoreConstants.linearSoftmax(-1));
        refused("the least deviation must be > 0", () -> ScoreConstants.gaussian(1, 0, true));
        refused("the bound of the mean's derivative", () -> ScoreConstants.gaussian(-1, 1, true));
        refused("norms of scores must have", () -> ScoreConstants.largestSeen(new double[0]));
        refused("a norm must be finite", () -> ScoreConstants.largestSeen(new double[] {Double.NaN}));
        refused("must be at most the greatest, got 2.0 and 1.0", () -> RewardRange.known(2, 1));
        refused("the greatest reward must be finite", () -> RewardRange.known(2, Double.POSITIVE_INFINITY));
        refused("the least reward must be finite", () -> RewardRange.seen(new double[] {Double.NaN}));
        refused("rewards must have at least one row", () -> RewardRange.seen(new double[0]));
    }

    private static void assertWithin(
            ScoreConstants constants, double[] pi, double[][] scores, SplittableRandom random) {
        for (double[] score : scores) {
            assertTrue(norm(score) <= constants.norm() + ROUNDING);
        }
        double[] v = direction(random, scores[0].length, 1);
        assertTrue(secondMoment(pi, scores, v) <= constants.secondMoment() + ROUNDING);
    }

    /** E (v·score)². */
    private static double secondMoment(double[] pi, double[][] scores, double[] v) {
        double sum = 0;
        for (int a = 0; a < pi.length; a++) {
            double along = 0;
            for (int i = 0; i < v.length; i++) {
                along += v[i] * scores[a][i];
            }
            sum += pi[a] * along * along;
        }
        return sum;
    }

    private static double[][] centred(double[] pi, double[][] features) {
        double[][] result = new double[pi.length][];
        for (int a = 0; a < pi.length; a++) {
            result[a] = features[a].clone();
            for (int i = 0; i < result[a].length; i++) {
                for (int b = 0; b < pi.length; b++) {
                    result[a][i] -= pi[b] * features[b][i];
                }
            }
        }
        return result;
    }

    private static double[] law(SplittableRandom random, int actions) {
        double[] weights = random.doubles(actions, -4, 4).map(Math::exp).toArray();
        double sum = Arrays.stream(weights).sum();
        return Arrays.stream(weights).map(w -> w / sum).toArray();
    }

    private static double[] direction(SplittableRandom random, int dimension, double length) {
        double[] v = random.doubles(dimension, -1, 1).toArray();
        double norm = norm(v);
        return Arrays.stream(v).map(x -> x / norm * length).toArray();
    }

    private static double norm(double[] v) {
        return Math.sqrt(Arrays.stream(v).map(x -> x * x).sum());
    }
}
