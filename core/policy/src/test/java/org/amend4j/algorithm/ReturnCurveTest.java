/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ReturnCurveTest {

    @Test
    void aPointIsTheMeanOfTheLastHundredEpisodes() {
        ReturnCurve curve = new ReturnCurve();
        curve.add(400, 50, 1);
        curve.add(800, 50, 3);
        curve.add(900, 100, 10);
        assertEquals(900, curve.steps());
        assertArrayEquals(new double[] {1, 1, 2, 10, 10}, curve.on(100, 400, 800, 900, 1000));
    }

    @Test
    void aCurveForAChartEndsWithItsRun() {
        ReturnCurve curve = new ReturnCurve();
        curve.add(400, 50, 1);
        curve.add(900, 100, 10);
        assertArrayEquals(
                new double[] {1, 1, 10, Double.NaN, Double.NaN}, curve.untilItsEnd(100, 500, 900, 901, 2_000));
        assertArrayEquals(new double[] {10}, curve.untilItsEnd(3_000));
    }

    @Test
    void aMeanThatIsNoNumberIsRefusedAndSoIsAGridThatDoesNotAscendFromZero() {
        ReturnCurve curve = new ReturnCurve();
        refused("the mean return at step 5 must be finite, got NaN", () -> curve.add(5, 1, Double.NaN));
        refused("steps must ascend, got -1 after 0", () -> curve.add(-1, 1, 1));
        assertEquals(0, curve.steps());
        curve.add(5, 1, 1);
        refused("steps of a grid must ascend from 0 on, got NaN after 1.0 (point 1)", () -> curve.on(1, Double.NaN));
        refused("steps of a grid must ascend from 0 on, got -1.0 after 0.0 (point 0)", () -> curve.on(-1, 1));
        refused("steps of a grid must ascend from 0 on, got 1.0 after 2.0 (point 1)", () -> curve.untilItsEnd(2, 1));
        refused("a point of a grid (point 0) must be finite, got Infinity", () -> curve.on(Double.POSITIVE_INFINITY));
        refused("the steps of a grid must be >= 1, got -1000", () -> ReturnCurve.grid(-1_000, 4));
    }

    private static void refused(String sentence, Executable call) {
        assertEquals(
                sentence, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @Test
    void aGridEndsWithTheRun() {
        assertArrayEquals(new double[] {250, 500, 750, 1000}, ReturnCurve.grid(1000, 4));
    }

    @Test
    void itHearsOfEveryEpisodeOfATraining() {
        ReturnCurve curve = new ReturnCurve();
        try (PolicyTraining training = Presets.of("CartPole-v1", "reinforce")
                .orElseThrow()
                .withStop(StopRule.steps(10_000))
                .training(1)) {
            training.listen(curve);
            training.run();
            assertEquals(training.algorithm().steps(), curve.steps());
            double[] last = curve.on((double) curve.steps());
            assertEquals(training.recentReturn().orElseThrow(), last[0], 20);
        }
    }

    @Test
    void withoutAnEpisodeThereIsNoCurve() {
        IllegalStateException refusal = assertThrows(IllegalStateException.class, () -> new ReturnCurve().on(1));
        assertTrue(refusal.getMessage().contains("got none"), refusal.getMessage());
        ReturnCurve curve = new ReturnCurve();
        curve.add(5, 1, 1);
        assertThrows(IllegalArgumentException.class, () -> curve.add(4, 1, 1));
    }
}
