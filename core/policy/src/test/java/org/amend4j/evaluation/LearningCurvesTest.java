/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.evaluation;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class LearningCurvesTest {

    private static final Bootstrap BOOTSTRAP = Bootstrap.usual(3).withResamples(1_000);

    @Test
    void eachPointIsTheStatisticOfItsScores() {
        double[][] curves = {{0, 10}, {1, 20}, {2, 30}, {3, 1000}, {400, 50}};
        LearningCurves together = LearningCurves.of(curves);
        assertEquals(2, together.points());
        assertArrayEquals(new double[] {2, 100 / 3.0}, together.interquartileMeans(), 1e-14);
        List<Estimate> estimates = together.estimates(BOOTSTRAP);
        assertEquals(
                BOOTSTRAP.estimate(Scores.ofOneTask(0, 1, 2, 3, 400), Scores::interquartileMean), estimates.get(0));
        assertEquals(2, estimates.size());
        assertTrue(estimates.get(0).low() < 2 && estimates.get(0).high() > 2);
    }

    @Test
    void allPointsUseTheSameResamples() {
        List<Estimate> estimates = LearningCurves.of(new double[][] {{0, 64}, {1, 65}, {5, 69}, {2, 66}, {9, 73}})
                .estimates(BOOTSTRAP);
        assertEquals(estimates.get(0).low() + 64, estimates.get(1).low(), 1e-12);
        assertEquals(estimates.get(0).high() + 64, estimates.get(1).high(), 1e-12);
    }

    @Test
    void oneSeedHasACurveAndNoInterval() {
        double[][] curve = {{1, 5, 2}};
        LearningCurves single = LearningCurves.of(curve);
        curve[0][0] = 7;
        assertArrayEquals(new double[] {1, 5, 2}, single.interquartileMeans(), 0);
        refused("for an interval must be >= 2, got 1", () -> single.estimates(BOOTSTRAP));
    }

    @Test
    void badNumbersAreRefused() {
        refused("the number of seeds must be >= 1", () -> LearningCurves.of(new double[0][]));
        refused("the number of points must be >= 1", () -> LearningCurves.of(new double[1][0]));
        refused(
                "every curve must have 2 points, got 1 (seed 1)",
                () -> LearningCurves.of(new double[][] {{1, 2}, {1}}));
        refused(
                "a point of a curve (seed 1) must be finite",
                () -> LearningCurves.of(new double[][] {{1}, {Double.NaN}}));
    }
}
