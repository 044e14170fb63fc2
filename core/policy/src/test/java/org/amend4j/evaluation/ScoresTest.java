/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.evaluation;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.amend4j.testkit.GoldenJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScoresTest {

    /** The README's, for everything but intervals. */
    private static final double TOLERANCE = 1e-12;

    static Stream<JsonNode> golden() {
        return StreamSupport.stream(
                GoldenJson.read(ScoresTest.class, "evaluation.json")
                        .get("cases")
                        .spliterator(),
                false);
    }

    @ParameterizedTest
    @MethodSource("golden")
    void statisticsAreTheReference(JsonNode golden) {
        Scores scores = Scores.of(GoldenJson.matrix(golden.get("scores")));
        Scores others = Scores.of(GoldenJson.matrix(golden.get("other_scores")));
        assertEquals(golden.get("iqm").doubleValue(), scores.interquartileMean(), TOLERANCE);
        assertEquals(golden.get("mean").doubleValue(), scores.mean(), TOLERANCE);
        assertEquals(golden.get("median_of_task_means").doubleValue(), scores.median(), TOLERANCE);
        assertEquals(golden.get("optimality_gap_at_1").doubleValue(), scores.optimalityGap(1), TOLERANCE);
        assertEquals(
                golden.get("probability_of_improvement_over_other").doubleValue(),
                scores.probabilityOfImprovementOver(others),
                TOLERANCE);
    }

    @Test
    void theInterquartileMeanDropsAWholeNumberAtEachEnd() {
        assertEquals(2, Scores.ofOneTask(1, 2, 3).interquartileMean());
        assertEquals(2.5, Scores.ofOneTask(-100, 2, 3, 1000).interquartileMean());
        assertEquals(5, Scores.ofOneTask(-100, 2, 3, 10, 1000).interquartileMean());
        assertEquals(
                2.5, Scores.of(new double[][] {{-100, 3}, {1000, 2}}).interquartileMean(), "pooled, not task by task");
    }

    @Test
    void theMedianIsOfTasksMeans() {
        assertEquals(3, Scores.of(new double[][] {{0, 3, 100}, {2, 3, 200}}).median());
        assertEquals(2, Scores.of(new double[][] {{0, 3}, {2, 3}}).median());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void chancesToBeatEachOtherAddUpToOne(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Scores ours = whole(random, 7);
        Scores theirs = whole(random, 4);
        assertEquals(1, ours.probabilityOfImprovementOver(theirs) + theirs.probabilityOfImprovementOver(ours), 1e-15);
        assertEquals(0.5, ours.probabilityOfImprovementOver(ours), 1e-15);
        assertEquals(
                1,
                ours.probabilityOfImprovementOver(
                        ours.normalised(new double[] {100, 100, 100}, new double[] {101, 101, 101})),
                0);
    }

    /** mean max(0, τ - s) = ∫_{x<τ} (1 - profile(x)) dx, exact on a grid for whole scores in 0..5. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void theGapIsTheAreaAboveTheProfile(long seed) {
        Scores scores = whole(new SplittableRandom(seed), 9);
        double[] profile = scores.profile(new double[] {0, 1, 2, 3, 4, 5, 6});
        double area = 0;
        for (int x = 0; x < 6; x++) {
            area += 1 - profile[x];
            assertEquals(area, scores.optimalityGap(x + 1), 1e-14);
        }
        assertEquals(0, profile[5], 0);
        assertEquals(1, scores.shareAbove(-0.001), 0);
    }

    @Test
    void normalisationMapsTheMarksOfEachTaskToZeroAndOne() {
        Scores scores = Scores.of(new double[][] {{20, -500}, {470, -100}, {245, -300}});
        Scores normalised = scores.normalised(new double[] {20, -500}, new double[] {470, -100});
        assertEquals(0.5, normalised.mean(), 1e-15);
        assertEquals(0, normalised.shareAbove(1));
        assertArrayEquals(new double[] {4 / 6.0, 0}, normalised.profile(new double[] {0, 1}), 0);
    }

    @Test
    void laterChangesOfTheArrayChangeNothing() {
        double[][] array = {{1, 2}, {3, 4}};
        Scores scores = Scores.of(array);
        array[0][0] = 100;
        assertEquals(2.5, scores.mean());
        assertEquals(2, scores.runs());
        assertEquals(2, scores.tasks());
    }

    @Test
    void badNumbersAreRefused() {
        refused("the number of runs must be >= 1", () -> Scores.of(new double[0][]));
        refused("the number of tasks must be >= 1", () -> Scores.of(new double[1][0]));
        refused("every run must have 2 tasks, got 1 (run 1)", () -> Scores.of(new double[][] {{1, 2}, {1}}));
        refused(
                "a score (run 1, task 0) must be finite, got NaN",
                () -> Scores.of(new double[][] {{1, 2}, {Double.NaN, 2}}));
        Scores two = Scores.of(new double[][] {{1, 2}});
        refused("same tasks, got 2 and 1", () -> two.probabilityOfImprovementOver(Scores.ofOneTask(1)));
        refused("must have two scores for each of 2 tasks", () -> two.normalised(new double[1], new double[2]));
        refused(
                "must differ, got 1.0 for both (task 1)",
                () -> two.normalised(new double[] {0, 1}, new double[] {1, 1}));
        refused("the target must be finite", () -> two.optimalityGap(Double.NaN));
    }

    /** Runs on three tasks with scores in 0..5: ties are common. */
    private static Scores whole(SplittableRandom random, int runs) {
        double[][] scores = new double[runs][3];
        for (double[] run : scores) {
            Arrays.setAll(run, task -> random.nextInt(6));
        }
        return Scores.of(scores);
    }
}
