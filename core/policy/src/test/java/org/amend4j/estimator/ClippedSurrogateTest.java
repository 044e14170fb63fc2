/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.amend4j.testkit.GoldenJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClippedSurrogateTest {

    private static final ClippedSurrogate SURROGATE = new ClippedSurrogate(0.2);

    @ParameterizedTest
    @MethodSource("org.amend4j.estimator.Sequence#all")
    void valueDerivativeAndDiagnosticsAreTheReference(Sequence golden) {
        JsonNode ppo = golden.node().get("ppo");
        ClippedSurrogate surrogate = new ClippedSurrogate(ppo.get("clip").doubleValue());
        double[] logRatios = GoldenJson.numbers(ppo.get("log_ratio"));
        double[] advantages = golden.column("gae");
        assertEquals(
                ppo.get("loss").doubleValue(), -surrogate.value(logRatios, advantages), Sequence.TOLERANCE, "loss");
        assertArrayEquals(
                Arrays.stream(GoldenJson.numbers(ppo.get("dloss_dlogp_new")))
                        .map(d -> 0 - d)
                        .toArray(),
                surrogate.derivative(logRatios, advantages),
                Sequence.TOLERANCE);
        assertEquals(ppo.get("clip_fraction").doubleValue(), surrogate.clipFraction(logRatios), Sequence.TOLERANCE);
        assertEquals(ppo.get("approx_kl").doubleValue(), ClippedSurrogate.approximateKl(logRatios), Sequence.TOLERANCE);
    }

    /**
     * Central differences with h = 1e-6: the third derivative is at most ρ|A| < 6, so that they are off by h²; rounding adds
     * 2^-53·|value|/h < 1e-9.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theDerivativeIsTheNumericalOneAwayFromTheKinks(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] logRatios = random.doubles(30, -0.6, 0.6)
                .filter(l -> Math.abs(Math.abs(Math.exp(l) - 1) - 0.2) > 1e-4)
                .toArray();
        double[] advantages = random.doubles(logRatios.length, -3, 3).toArray();
        double[] derivative = SURROGATE.derivative(logRatios, advantages);
        double h = 1e-6;
        int still = 0;
        for (int row = 0; row < logRatios.length; row++) {
            double[] up = logRatios.clone();
            double[] down = logRatios.clone();
            up[row] += h;
            down[row] -= h;
            double numerical = (SURROGATE.value(up, advantages) - SURROGATE.value(down, advantages)) / (2 * h);
            assertEquals(numerical, derivative[row], 1e-9);
            still += derivative[row] == 0 ? 1 : 0;
        }
        assertTrue(still > 0 && still < logRatios.length, "both cases");
    }

    @Test
    void atTheOldPolicyTheDerivativeIsTheAdvantages() {
        double[] advantages = {3, -1, 0, 2};
        assertArrayEquals(new double[] {0.75, -0.25, 0, 0.5}, SURROGATE.derivative(new double[4], advantages), 0);
        assertEquals(1, SURROGATE.value(new double[4], advantages), 0);
        assertEquals(0, SURROGATE.clipFraction(new double[4]), 0);
        assertEquals(0, ClippedSurrogate.approximateKl(new double[4]), 0);
    }

    @Test
    void aRatioTooFarIsHeldOnlyWhereGoingOnWouldPay() {
        double far = Math.log(1.5);
        double near = Math.log(0.5);
        double[] derivative = SURROGATE.derivative(new double[] {far, far, near, near}, new double[] {1, -1, 1, -1});
        assertArrayEquals(new double[] {0, -1.5 / 4, 0.5 / 4, 0}, derivative, 1e-15);
    }

    /** Σ π_old·((ρ-1) - log ρ) = KL, as Σ π_old·(ρ-1) = 0. */
    @Test
    void theApproximateDivergenceHasTheDivergenceAsExpectation() {
        double[] old = {0.2, 0.5, 0.3};
        double[] fresh = {0.25, 0.35, 0.4};
        double divergence = 0;
        double expectation = 0;
        for (int a = 0; a < 3; a++) {
            double logRatio = Math.log(fresh[a] / old[a]);
            divergence -= old[a] * logRatio;
            double estimate = ClippedSurrogate.approximateKl(new double[] {logRatio});
            assertTrue(estimate >= 0);
            expectation += old[a] * estimate;
        }
        assertEquals(divergence, expectation, 1e-15);
    }

    @Test
    void badNumbersAreRefused() {
        refused("the clip must be in (0, 1), got 0.0", () -> new ClippedSurrogate(0));
        double[] one = {1};
        refused("a batch of ratios must have", () -> SURROGATE.value(new double[0], new double[0]));
        refused("advantages must have one number a row, 1, got 2", () -> SURROGATE.value(one, new double[2]));
        refused("must be in [-700, 700], got 701.0 (row 0)", () -> SURROGATE.derivative(new double[] {701}, one));
        refused("must be in [-700, 700], got NaN", () -> SURROGATE.clipFraction(new double[] {Double.NaN}));
        refused("an advantage must be finite", () -> SURROGATE.value(one, new double[] {Double.NaN}));
    }

    @Test
    void aRatioAtTheClipIsNotClipped() {
        double clip = StrictMath.exp(0.3) - 1;
        double[] rows = {0.3, 0.3 + 1e-12, 0.4, 0};
        assertEquals(0.5, new ClippedSurrogate(clip).clipFraction(rows));
    }

    @Test
    void logarithmsOfRatiosReachTo700() {
        double[] ends = {700, -700};
        assertEquals(1, SURROGATE.clipFraction(ends));
        assertTrue(ClippedSurrogate.approximateKl(ends) > 1e303);
        for (double value : new double[] {700.1, -701, Double.NaN}) {
            double[] row = {0, value};
            refused("must be in [-700, 700], got " + value + " (row 1)", () -> SURROGATE.clipFraction(row));
            refused("must be in [-700, 700], got " + value + " (row 1)", () -> ClippedSurrogate.approximateKl(row));
        }
        refused("must have at least one row", () -> ClippedSurrogate.approximateKl(new double[0]));
    }
}
