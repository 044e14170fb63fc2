/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.amend4j.environment.Space;
import org.amend4j.random.SplitMix64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SquashedGaussianTest {

    private static final double[] NONE = {};
    private static final Space.Box BOX = new Space.Box(new double[] {-2}, new double[] {3});

    /** Integrals by mpmath 1.3.0 (tanh-sinh, 40 digits) of log cosh, tanh and (u - μ) tanh under N(μ, σ). */
    @ParameterizedTest
    @CsvSource({
        "0, 1, 0.374567207491437974, 0, 0.605705509602158826",
        "0.7, 0.5, 0.306044014482741272, 0.526762448230023489, 0.15461480343504885",
        "-3, 0.05, 2.30934086754699872, -0.995030150939651513, 0.000024786879362003328",
        "2, 3, 2.29963884110054577, 0.476976663297883409, 1.86962243081251308",
        "0.25, 20, 15.2821834950438127, 0.00996306649964598186, 15.9400778626725227",
        "-30, 64, 55.8856728128978927, -0.360718020369796865, 45.7480935620315962"
    })
    void meansOfLogCoshEqualReference(double mean, double deviation, double value, double byMean, double byLog) {
        LogCoshMean found = LogCoshMean.of(mean, deviation);
        double rounding = 1e-14 * (1 + Math.abs(mean) + deviation);
        assertEquals(value, found.value(), rounding);
        assertEquals(byMean, found.byMean(), 1e-14);
        assertEquals(byLog, found.byLogDeviation(), rounding);
    }

    /** Beyond σ = 64 the error is what is documented, and not much less: σ·1e-6. */
    @Test
    void meansOfLogCoshGrowCoarseSlowly() {
        double error = Math.abs(LogCoshMean.of(0.5, 2_000).value() - reference(0.5, 2_000));
        assertTrue(error < 2_000 * 1e-6, "error " + error);
        assertTrue(error > 1e-9, "error " + error);
    }

    /** For large σ: E|u| less log 2, and π²/12 of the density at 0, the integral of log(1 + e^{-2|u|}). */
    private static double reference(double mean, double deviation) {
        double density = Math.exp(-mean * mean / (2 * deviation * deviation)) / (deviation * Math.sqrt(2 * Math.PI));
        double absolute = 2 * deviation * deviation * density + mean * 2 * mean * density; // but for (μ/σ)³
        return absolute - Math.log(2) + Math.PI * Math.PI / 12 * density;
    }

    /** By mpmath 1.3.0 (40 digits) from the definition: a, μ, σ, log π(a), its derivatives by μ and log σ. */
    @ParameterizedTest
    @CsvSource({
        "0.1, 0.7, 0.5, -2.60012278303714801, -3.44554678452610187, 1.96794816108953998",
        "2.999999, 0.7, 0.5, -85.4530147670946761, 28.0498965405171531, 195.699173983429039",
        "-1.9999999999, -2, 1.5, -2.64809676313378878, -4.58561972435870881, 46.3127935769621912"
    })
    void densityAndScoreEqualReference(
            double action, double mean, double deviation, double logDensity, double byMean, double byLog) {
        SquashedGaussian d = SquashedGaussian.trained(BOX, 9);
        double[] free = {Math.log(deviation)};
        double[] outputs = {mean};
        double[] score = new double[1];
        double[] freeScore = new double[1];
        d.addScore(1, outputs, 0, free, new double[] {action}, 0, new Derivatives(score, freeScore, 0));
        assertEquals(logDensity, d.logProbability(outputs, 0, free, new double[] {action}, 0), 1e-11);
        assertEquals(byMean, score[0], 1e-11);
        assertEquals(byLog, freeScore[0], 1e-10);
        SquashedGaussian fixed = SquashedGaussian.fixed(BOX, deviation);
        assertEquals(logDensity, fixed.logProbability(outputs, 0, NONE, new double[] {action}, 0), 1e-11);
    }

    private static double squashed(SquashedGaussian d, double u) {
        double[] action = new double[1];
        d.mode(new double[] {u}, 0, NONE, action, 0);
        return action[0];
    }

    /** The error that the Javadoc states, from ulp(a) and the slope; four roundings of u on top. */
    @ParameterizedTest
    @ValueSource(doubles = {-17, -10, -5, -1, -1e-3, 0, 0.3, 2, 5, 10, 17})
    void whatWasSquashedIsFoundAgainWithinWhatRoundingTook(double u) {
        SquashedGaussian d = SquashedGaussian.fixed(Space.Box.symmetric(1), 1);
        double action = squashed(d, u);
        assertEquals(Math.tanh(u), action, 4e-16);
        double slope = (action + 1) * (1 - action);
        double bound = Math.ulp(action) * 2 / (4 * slope) + 4 * Math.ulp(Math.abs(u) + 1);
        assertEquals(u, new Squash(-1, 1).inverse(action), 1.1 * bound, "u = " + u);
    }

    @Test
    void anEdgeStandsForAllThatRoundToIt() {
        Squash squash = new Squash(-1, 1);
        double from = squash.inverse(1);
        assertEquals(19.06, from, 0.01);
        assertEquals(-from, squash.inverse(-1));
        assertEquals(1, squash.of(40));
        assertEquals(-1, squash.of(-40));
        assertEquals(1, squash.of(from + 1e-6));
        assertTrue(squash.of(from - 1e-6) < 1);
        assertEquals(-300, new Squash(0, 1).inverse(new Squash(0, 1).of(-300)), 1e-12, "near 0 doubles are dense");
        assertTrue(Double.isFinite(new Squash(0, 1).inverse(0)));
        SquashedGaussian d = SquashedGaussian.fixed(Space.Box.symmetric(1), 2);
        for (double edge : new double[] {-1, 1}) {
            double[] near = {from * edge};
            double[] far = {300 * edge};
            double reach = Math.ulp(0.5) / 2; // half of what doubles are apart just below 1
            assertEquals(
                    Math.log(0.5 / reach),
                    d.logProbability(near, 0, NONE, new double[] {edge}, 0),
                    1e-12,
                    "half of it");
            assertEquals(Math.log(1 / reach), d.logProbability(far, 0, NONE, new double[] {edge}, 0), 1e-12, "all");
        }
    }

    /** Also at the edges, where it is another function; central differences with a step of 1e-5. */
    @ParameterizedTest
    @CsvSource({"1, 0.5", "1, 18", "1, 21", "1, 60", "-1, -16", "-1, 3", "-1, -25", "0.9999999, 15"})
    void scoresAreGradientsAlsoAtTheEdges(double edge, double mean) {
        SquashedGaussian d = SquashedGaussian.trained(Space.Box.symmetric(1), 1);
        double[] action = {edge};
        double[] score = new double[1];
        double[] freeScore = new double[1];
        double logDeviation = 0.3;
        d.addScore(
                1,
                new double[] {mean},
                0,
                new double[] {logDeviation},
                action,
                0,
                new Derivatives(score, freeScore, 0));
        double h = 1e-5;
        double byMean =
                (density(d, action, mean + h, logDeviation) - density(d, action, mean - h, logDeviation)) / (2 * h);
        double byLog =
                (density(d, action, mean, logDeviation + h) - density(d, action, mean, logDeviation - h)) / (2 * h);
        assertEquals(byMean, score[0], 1e-8 * (1 + Math.abs(byMean)));
        assertEquals(byLog, freeScore[0], 1e-8 * (1 + Math.abs(byLog)));
    }

    private static double density(SquashedGaussian d, double[] action, double mean, double logDeviation) {
        return d.logProbability(new double[] {mean}, 0, new double[] {logDeviation}, action, 0);
    }

    /** A score has mean zero whatever the law; with the score of the last u instead it would be -36 here. Five standard errors. */
    @Test
    void scoresHaveMeanZeroAlsoWhereActionsAreAtTheEdgeSeed9() {
        SquashedGaussian d = SquashedGaussian.fixed(Space.Box.symmetric(1), 0.5);
        for (double mean : new double[] {0, 3, 16, 28}) {
            SplitMix64 random = new SplitMix64(9);
            int n = 100_000;
            double sum = 0;
            double squares = 0;
            double[] action = new double[1];
            for (int i = 0; i < n; i++) {
                d.sample(new double[] {mean}, 0, NONE, random, action, 0);
                double[] score = new double[1];
                d.addScore(1, new double[] {mean}, 0, NONE, action, 0, new Derivatives(score, NONE, 0));
                sum += score[0];
                squares += score[0] * score[0];
            }
            assertEquals(0, sum / n, 5 * Math.sqrt(squares) / n + 1e-12, "mean " + mean);
        }
    }

    @Test
    void actionsOutsideOfTheBoxAreImpossible() {
        SquashedGaussian d = SquashedGaussian.fixed(Space.Box.symmetric(1), 1);
        double[] action = {1.5};
        assertEquals(Double.NEGATIVE_INFINITY, d.logProbability(new double[1], 0, NONE, action, 0));
        for (double wrong : new double[] {1.5, Double.NaN}) {
            action[0] = wrong;
            assertThrows(
                    IllegalArgumentException.class,
                    () -> d.addScore(1, new double[1], 0, NONE, action, 0, new Derivatives(new double[1], NONE, 0)));
        }
    }

    @Test
    void noActionLeavesTheBoxAndTheModeIsTheMedian() {
        SquashedGaussian d = SquashedGaussian.fixed(BOX, 30);
        SplitMix64 random = new SplitMix64(5);
        double[] action = new double[1];
        int below = 0;
        for (int i = 0; i < 10_000; i++) {
            d.sample(new double[] {4}, 0, NONE, random, action, 0);
            assertTrue(BOX.contains(action));
            below += action[0] < squashed(d, 4) ? 1 : 0;
        }
        assertEquals(5_000, below, 5 * 50, "five standard errors");
    }

    @Test
    void boxesThatDoNotFitAreRefused() {
        SquashedGaussian d = SquashedGaussian.of(BOX);
        d.requireFor(BOX);
        assertArrayEquals(new double[] {0}, d.initialFree());
        assertThrows(IllegalArgumentException.class, () -> d.requireFor(Space.Box.symmetric(3)));
        assertThrows(IllegalArgumentException.class, () -> SquashedGaussian.of(new Space.Discrete(3)));
        String sentence = assertThrows(
                        IllegalArgumentException.class,
                        () -> SquashedGaussian.of(Space.Box.symmetric(1, Double.POSITIVE_INFINITY)))
                .getMessage();
        assertEquals(
                "squashed actions need low < high and a finite distance, got [-Infinity, Infinity] (coordinate 1)",
                sentence);
        assertThrows(IllegalArgumentException.class, () -> SquashedGaussian.of(Space.Box.symmetric(0)));
        assertThrows(IllegalArgumentException.class, () -> SquashedGaussian.fixed(BOX, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> SquashedGaussian.fixed(BOX, 0));
        assertEquals(SquashedGaussian.fixed(BOX, 2), SquashedGaussian.fixed(BOX, 2));
        assertFalse(SquashedGaussian.fixed(BOX, 2).equals(SquashedGaussian.trained(BOX, 2)));
        assertFalse(SquashedGaussian.fixed(BOX, 2).equals(SquashedGaussian.fixed(Space.Box.symmetric(2), 2)));
    }
}
