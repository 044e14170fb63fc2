/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.evaluation;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.SplittableRandom;
import org.amend4j.testkit.GoldenJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BootstrapTest {

    private static final Bootstrap FEW = Bootstrap.usual(1).withResamples(2_000);

    @ParameterizedTest
    @MethodSource("org.amend4j.evaluation.ScoresTest#golden")
    void intervalsAreTheReferenceWithinItsTolerance(JsonNode golden) {
        Scores scores = Scores.of(GoldenJson.matrix(golden.get("scores")));
        Estimate estimate = Bootstrap.usual(1).estimate(scores, Scores::interquartileMean);
        assertTrue(isReference(golden, estimate), () -> golden.get("iqm_ci95_percentile") + ", got " + estimate);
        assertEquals(scores.interquartileMean(), estimate.value());
        assertEquals(0.95, estimate.level());
    }

    /** Of another level, of another statistic, and of tasks that are not kept apart. */
    @ParameterizedTest
    @MethodSource("org.amend4j.evaluation.ScoresTest#golden")
    void wrongIntervalsAreNoticed(JsonNode golden) {
        Scores scores = Scores.of(GoldenJson.matrix(golden.get("scores")));
        assertFalse(isReference(golden, new Bootstrap(50_000, 0.9, 1).estimate(scores, Scores::interquartileMean)));
        assertFalse(isReference(golden, Bootstrap.usual(1).estimate(scores, Scores::mean)));
    }

    private static boolean isReference(JsonNode golden, Estimate estimate) {
        double tolerance = golden.get("ci_tolerance").doubleValue();
        double[] ends = GoldenJson.numbers(golden.get("iqm_ci95_percentile"));
        return Math.abs(ends[0] - estimate.low()) <= tolerance && Math.abs(ends[1] - estimate.high()) <= tolerance;
    }

    /** Each task is resampled by itself: what one task has more than another never gets into the interval's width. */
    @Test
    void tasksAreResampledApart() {
        double[][] plain = {{1, 5}, {2, 7}, {4, 6}};
        double[][] shifted = {{1, 1005}, {2, 1007}, {4, 1006}};
        Estimate one = FEW.estimate(Scores.of(plain), Scores::mean);
        Estimate other = FEW.estimate(Scores.of(shifted), Scores::mean);
        assertEquals(one.low() + 500, other.low(), 1e-12);
        assertEquals(one.high() + 500, other.high(), 1e-12);
        assertTrue(one.low() < one.value() && one.value() < one.high());
    }

    /** Runs of different tasks are drawn independently: if tasks cancel run by run, a common draw would give a point. */
    @Test
    void tasksAreResampledIndependently() {
        Estimate estimate = FEW.estimate(Scores.of(new double[][] {{1, -1}, {-1, 1}, {3, -3}, {-3, 3}}), Scores::mean);
        assertTrue(estimate.low() < -0.5 && estimate.high() > 0.5, estimate::toString);
    }

    /**
     * Means of 2 resampled runs are the lower, the middle and the upper number with chances 1/4, 1/2, 1/4. 20,000 draws are off
     * by 0.003 (one standard deviation), so that quantiles at 0.2 and 0.8 and at 0.3 and 0.7 are 16 of them away from the steps.
     */
    @Test
    void quantilesAreThoseOfAllResamplesOfTwoRuns() {
        Scores scores = Scores.ofOneTask(1, 3);
        assertEquals(new Estimate(2, 1, 3, 0.6), new Bootstrap(20_000, 0.6, 7).estimate(scores, Scores::mean));
        assertEquals(new Estimate(2, 2, 2, 0.4), new Bootstrap(20_000, 0.4, 7).estimate(scores, Scores::mean));
    }

    /**
     * 400 samples of 20 uniform numbers: the 95 % interval of the mean covers 1/2 in about 93 % (the percentile method is a little
     * short), with a standard deviation of 1.3 %. Bounds are 5 of them away.
     */
    @Test
    void theIntervalOfAMeanCoversAndAHalfLevelOneDoesNot() {
        double usual = coverage(20, 0.95);
        assertTrue(usual > 0.865 && usual < 0.995, () -> "covered " + usual);
        double half = coverage(20, 0.5);
        assertFalse(half > 0.865, () -> "covered " + half);
    }

    /** About 74 %, standard deviation 2.2 %: what the documentation warns of. */
    @Test
    void theIntervalOfThreeRunsIsMuchTooShort() {
        double covered = coverage(3, 0.95);
        assertTrue(covered > 0.63 && covered < 0.85, () -> "covered " + covered);
    }

    private static double coverage(int runs, double level) {
        SplittableRandom random = new SplittableRandom(11);
        int covered = 0;
        for (int i = 0; i < 400; i++) {
            Estimate estimate = new Bootstrap(500, level, i)
                    .estimate(Scores.ofOneTask(random.doubles(runs).toArray()), Scores::mean);
            covered += estimate.low() <= 0.5 && 0.5 <= estimate.high() ? 1 : 0;
        }
        return covered / 400.0;
    }

    @Test
    void theSameSeedGivesTheSameBitsAndAnotherDoesNot() {
        Scores scores = Scores.ofOneTask(new SplittableRandom(5).doubles(12).toArray());
        assertEquals(FEW.estimate(scores, Scores::mean), FEW.estimate(scores, Scores::mean));
        assertNotEquals(
                FEW.estimate(scores, Scores::mean), new Bootstrap(2_000, 0.95, 2).estimate(scores, Scores::mean));
    }

    @Test
    void bothSidesOfAComparisonAreResampled() {
        Scores spread = Scores.ofOneTask(0, 2, 4, 6);
        Scores narrow = Scores.ofOneTask(2.5, 3.5);
        Estimate left = FEW.estimate(spread, narrow, Scores::probabilityOfImprovementOver);
        assertEquals(0.5, left.value());
        assertEquals(new Estimate(0.5, 0, 1, 0.95), left);
        Estimate right = FEW.estimate(narrow, spread, Scores::probabilityOfImprovementOver);
        assertEquals(0, right.low());
        Estimate apart = FEW.estimate(Scores.ofOneTask(5, 6), narrow, Scores::probabilityOfImprovementOver);
        assertEquals(new Estimate(1, 1, 1, 0.95), apart);
    }

    /** numpy.percentile([1, 2, 4, 8], [0, 10, 50, 97.5, 100]) */
    @Test
    void quantilesAreNumPys() {
        double[] sorted = {1, 2, 4, 8};
        assertEquals(1, Bootstrap.quantile(sorted, 0));
        assertEquals(1.3, Bootstrap.quantile(sorted, 0.1), 1e-15);
        assertEquals(3, Bootstrap.quantile(sorted, 0.5));
        assertEquals(7.7, Bootstrap.quantile(sorted, 0.975), 1e-14);
        assertEquals(8, Bootstrap.quantile(sorted, 1));
    }

    @Test
    void badNumbersAreRefused() {
        refused("the number of resamples must be >= 100, got 99", () -> new Bootstrap(99, 0.95, 1));
        refused("the level of an interval must be in (0, 1)", () -> new Bootstrap(100, 1, 1));
        Scores one = Scores.ofOneTask(1);
        Scores two = Scores.ofOneTask(1, 2);
        refused("the number of runs for an interval must be >= 2, got 1", () -> FEW.estimate(one, Scores::mean));
        for (List<Scores> pair : List.of(List.of(one, two), List.of(two, one))) {
            refused(
                    "for an interval must be >= 2",
                    () -> FEW.estimate(pair.get(0), pair.get(1), Scores::probabilityOfImprovementOver));
        }
    }
}
