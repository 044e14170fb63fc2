/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TruncationBiasTest {

    private static final MathContext DIGITS = new MathContext(60);

    /** The formulas with 60 digits: never below, and above by at most the factor's 8 and the roundings' 6.5 units of 2^-52, 3.3e-15. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void boundsAreTheFormulasRoundedUp(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 50; i++) {
            double gamma = 1 - Math.exp(random.nextDouble(-8, 0));
            double score = random.nextDouble(10);
            double reward = random.nextDouble(10);
            int steps = random.nextInt(2000);
            if (gamma == 0 || steps * Math.log(gamma) < -600) {
                continue;
            }
            BigDecimal scale = exact(score).multiply(exact(reward));
            BigDecimal tail = tail(gamma, steps);
            BigDecimal mean = meanSteps(gamma, steps);
            assertJustAbove(scale.multiply(tail).multiply(mean), TruncationBias.triangle(score, reward, gamma, steps));
            assertJustAbove(
                    scale.multiply(tail).multiply(mean.sqrt(DIGITS)),
                    TruncationBias.martingale(score, reward, gamma, steps));
            assertJustAbove(
                    exact(score)
                            .sqrt(DIGITS)
                            .multiply(exact(reward))
                            .multiply(tail)
                            .multiply(mean.sqrt(DIGITS)),
                    TruncationBias.secondMoment(score, reward, gamma, steps));
            assertJustAbove(
                    exact(reward)
                            .multiply(exact(score).add(exact(0.3)))
                            .multiply(tail)
                            .multiply(mean),
                    TruncationBias.curvature(reward, score, 0.3, gamma, steps));
        }
    }

    /** Without the factor that rounds up, some results are below the formula: the test above can fail. */
    @Test
    void roundingToTheNearestWouldNotDo() {
        SplittableRandom random = new SplittableRandom(9);
        int below = 0;
        for (int i = 0; i < 200; i++) {
            double gamma = random.nextDouble(0.5, 0.99);
            double plain = Math.pow(gamma, 50) / (1 - gamma) * (50 + 1 / (1 - gamma));
            below += exact(plain).compareTo(tail(gamma, 50).multiply(meanSteps(gamma, 50))) < 0 ? 1 : 0;
        }
        assertTrue(below > 20, "below in " + below + " of 200");
    }

    /** Partial sums up to γ^t < 1e-40·γ^H: A is the series Σ_{t>=H} (t+1)γ^t, and B is above Σ_{t>=H} √(t+1)γ^t. */
    @ParameterizedTest
    @ValueSource(doubles = {0.3, 0.9, 0.99})
    void theFormulasBoundTheSeriesTheyStandFor(double gamma) {
        for (int steps : new int[] {0, 1, 7, 100}) {
            double triangle = 0;
            double martingale = 0;
            double first = Math.pow(gamma, steps);
            double discount = first;
            for (int t = steps; discount > 1e-40 * first; t++, discount *= gamma) {
                triangle += (t + 1) * discount;
                martingale += Math.sqrt(t + 1) * discount;
            }
            double bound = TruncationBias.martingale(1, 1, gamma, steps);
            assertEquals(1, TruncationBias.triangle(1, 1, gamma, steps) / triangle, 1e-11);
            assertTrue(bound >= martingale && bound < 1.2 * martingale, bound + " for " + martingale);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void eachBoundIsAtMostTheOneBeforeAndAllFallWithTheHorizon(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double norm = random.nextDouble(5);
        double least = random.nextDouble(-3, 3);
        BiasConstants constants = new BiasConstants(
                random.nextDouble(0.1, 0.999),
                ScoreConstants.known(norm, norm * norm * random.nextDouble()),
                RewardRange.known(least, least + random.nextDouble(4)));
        for (int steps = 0; steps < 300; steps++) {
            double a = BiasBound.A.of(constants, steps);
            double b = BiasBound.B.of(constants, steps);
            double c = BiasBound.C.of(constants, steps);
            assertTrue(a >= b && b >= c && c > 0, a + ", " + b + ", " + c);
            assertTrue(BiasBound.A.of(constants, steps + 1) < a);
            assertTrue(BiasBound.B.of(constants, steps + 1) < b);
            assertTrue(BiasBound.C.of(constants, steps + 1) < c);
        }
    }

    /**
     * The XOR process: J = c(2p-1)(2q-1), cutting after H steps multiplies ∇J and ∇²J by 1 - γ^(2⌊H/2⌋). Two actions with
     * one logit have |score| <= 1, E score² <= 1/4, |∂² log π| <= 1/4; rewards are -1, 0, 1.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void theExactBiasOfTheXorProcessIsWithinTheBounds(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double gamma = random.nextDouble(0.3, 0.99);
        double c = gamma / (1 - gamma * gamma);
        double p = random.nextDouble(0.02, 0.98);
        double q = random.nextDouble(0.02, 0.98);
        double first = 2 * c * p * (1 - p) * (2 * q - 1);
        double second = 2 * c * q * (1 - q) * (2 * p - 1);
        BiasConstants constants = new BiasConstants(gamma, ScoreConstants.known(1, 0.25), RewardRange.known(-1, 1));
        double mixed = 4 * c * p * (1 - p) * q * (1 - q);
        for (int steps = 0; steps < 60; steps++) {
            double missing = Math.pow(gamma, 2 * (steps / 2));
            assertTrue(BiasBound.C.of(constants, steps) >= missing * Math.hypot(first, second));
            assertTrue(TruncationBias.curvature(1, 0.25, 0.25, gamma, steps) >= missing * mixed);
        }
    }

    @Test
    void aConstantAddedToAllRewardsChangesOnlyTheFirstTwo() {
        ScoreConstants scores = ScoreConstants.tabularSoftmax();
        BiasConstants plain = new BiasConstants(0.9, scores, RewardRange.known(0, 1));
        BiasConstants shifted = new BiasConstants(0.9, scores, RewardRange.known(7, 8));
        assertEquals(BiasBound.C.of(plain, 20), BiasBound.C.of(shifted, 20), 0);
        assertEquals(8 * BiasBound.A.of(plain, 20), BiasBound.A.of(shifted, 20), 1e-14 * BiasBound.A.of(shifted, 20));
        BiasConstants ending =
                new BiasConstants(0.9, scores, RewardRange.known(7, 8).withEnd());
        assertEquals(8 * BiasBound.C.of(plain, 20), BiasBound.C.of(ending, 20), 1e-14 * BiasBound.C.of(ending, 20));
    }

    @Test
    void withoutStepsTheCurvatureBoundIsTheSmoothnessConstant() {
        assertEquals(1 * (2 + 0.5) / (0.1 * 0.1), TruncationBias.curvature(1, 2, 0.5, 0.9, 0), 1e-11);
    }

    @Test
    void underflowErrsUpwards() {
        assertTrue(TruncationBias.triangle(1e-200, 1e-200, 0.5, 5000) >= Double.MIN_NORMAL);
        assertEquals(0, TruncationBias.triangle(0, 1, 0.5, 1));
        assertEquals(0, TruncationBias.triangle(Double.POSITIVE_INFINITY, 0, 0.5, 1));
        assertEquals(Double.POSITIVE_INFINITY, TruncationBias.martingale(Double.POSITIVE_INFINITY, 1, 0.5, 1));
    }

    @Test
    void badNumbersAreRefused() {
        refused("the discount must be in (0, 1), got 1.0", () -> TruncationBias.triangle(1, 1, 1, 1));
        refused("the number of steps must be >= 0, got -1", () -> TruncationBias.martingale(1, 1, 0.5, -1));
        refused("the bound of the score must be >= 0", () -> TruncationBias.triangle(-1, 1, 0.5, 1));
        refused("the bound of the reward must be >= 0", () -> TruncationBias.triangle(1, Double.NaN, 0.5, 1));
        refused("second moment must be >= 0", () -> TruncationBias.secondMoment(-1, 1, 0.5, 1));
        refused("the curvature of log π must be >= 0", () -> TruncationBias.curvature(1, 1, -1, 0.5, 1));
        refused(
                "the discount must be in (0, 1)",
                () -> new BiasConstants(0, ScoreConstants.known(1, 1), RewardRange.known(0, 1)));
    }

    private static void assertJustAbove(BigDecimal exact, double bound) {
        BigDecimal got = exact(bound);
        assertTrue(got.compareTo(exact) >= 0, () -> bound + " is below " + exact);
        assertTrue(got.compareTo(exact.multiply(exact(1 + 4e-15))) <= 0, () -> bound + " is far above " + exact);
    }

    private static BigDecimal exact(double number) {
        return new BigDecimal(number);
    }

    private static BigDecimal tail(double gamma, int steps) {
        BigDecimal g = exact(gamma);
        return g.pow(steps, DIGITS).divide(BigDecimal.ONE.subtract(g), DIGITS);
    }

    private static BigDecimal meanSteps(double gamma, int steps) {
        return BigDecimal.ONE
                .divide(BigDecimal.ONE.subtract(exact(gamma)), DIGITS)
                .add(BigDecimal.valueOf(steps));
    }
}
