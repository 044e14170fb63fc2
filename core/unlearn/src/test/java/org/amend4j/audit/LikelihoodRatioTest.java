/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.apache.commons.numbers.gamma.Erfc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LikelihoodRatioTest {

    private static final double[][] TWO = {{0, 2}, {1, 3}};

    /** Two shadows at m ± s have variance 2s²; few shadows share the mean variance. */
    @Test
    void fewShadowsShareTheirVariance() {
        double[] ratios = LikelihoodRatio.logRatios(
                new double[] {1, 4}, new double[][] {{0, 2}, {2, 6}}, new double[][] {{-1, 1}, {0, 2}});
        // With: means 1 and 4, variances 2 and 8, so 5; without: means 0 and 1, variance 2.
        assertEquals(-Math.log(5) / 2 - (-(Math.log(2) + 1.0 / 2) / 2), ratios[0], 1e-14);
        assertEquals(-Math.log(5) / 2 - (-(Math.log(2) + 9.0 / 2) / 2), ratios[1], 1e-14);
    }

    /** 32 shadows at m ± s each have variance s²·64/63. */
    @Test
    void manyShadowsHaveTheirOwn() {
        double[] ratios = LikelihoodRatio.logRatios(
                new double[] {1, 1},
                new double[][] {around(1, 2), around(1, 3)},
                new double[][] {around(1, 1), around(1, 1)});
        assertEquals(-Math.log(2), ratios[0], 1e-13);
        assertEquals(-Math.log(3), ratios[1], 1e-13);
    }

    /**
     * Records are easy or hard by three deviations; a member's confidence is one deviation higher. Knowing each record's
     * laws, the area is Φ(1/√2) = 0.760 less what fitting loses (means of n shadows: Φ(1/√(2(1 + 1/n))) or so); the twin,
     * confidence alone, has Φ(1/√20) = 0.588. 1,000 against 1,000: a deviation of 0.013.
     */
    @ParameterizedTest
    @ValueSource(ints = {16, 64})
    void itFindsWhatConfidenceAloneDoesNot(int shadows) {
        SplittableRandom random = new SplittableRandom(51);
        double[] difficulty = AucTest.normal(random, 2000, 0);
        double[] observed = new double[2000];
        double[][] with = new double[2000][];
        double[][] without = new double[2000][];
        for (int i = 0; i < 2000; i++) {
            double of = 3 * difficulty[i];
            observed[i] = of + random.nextGaussian() + (i < 1000 ? 1 : 0);
            with[i] = AucTest.normal(random, shadows, of + 1);
            without[i] = AucTest.normal(random, shadows, of);
        }
        double attack = areaOfHalves(LikelihoodRatio.logRatios(observed, with, without));
        double twin = areaOfHalves(observed);
        double best = Erfc.value(-0.5) / 2;
        assertTrue(attack < best + 4.5 * 0.013 && attack > best - 0.03 - 4.5 * 0.013, "attack " + attack);
        assertEquals(Erfc.value(-1 / Math.sqrt(40)) / 2, twin, 4.5 * 0.013);
        assertTrue(attack > twin + 0.05, "attack " + attack + ", twin " + twin);
    }

    @Test
    void badShadowsAreRefused() {
        double[] observed = {1, 2};
        double[][] three = {{0, 1}, {0, 1}, {0, 1}};
        refused("shadows trained with it, got 2 records and 3", () -> LikelihoodRatio.logRatios(observed, three, TWO));
        refused(
                "trained without record 1 must be >= 2, got 1",
                () -> LikelihoodRatio.logRatios(observed, TWO, new double[][] {{0, 1}, {0}}));
        refused(
                "must be finite, got NaN",
                () -> LikelihoodRatio.logRatios(observed, TWO, new double[][] {{0, 1}, {0, Double.NaN}}));
        refused(
                "record 0 must be finite, got Infinity",
                () -> LikelihoodRatio.logRatios(new double[] {1 / 0.0, 1}, TWO, TWO));
        refused(
                "the variance of shadows trained with record 0 must be > 0",
                () -> LikelihoodRatio.logRatios(observed, new double[2][2], TWO));
    }

    private static double areaOfHalves(double[] scores) {
        return Auc.of(
                Arrays.copyOf(scores, scores.length / 2), Arrays.copyOfRange(scores, scores.length / 2, scores.length));
    }

    private static double[] around(double mean, double reach) {
        double[] values = new double[64];
        Arrays.setAll(values, i -> mean + (i % 2 == 0 ? reach : -reach));
        return values;
    }
}
