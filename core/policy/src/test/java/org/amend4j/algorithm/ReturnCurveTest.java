/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

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
