/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.RecordIds;
import org.amend4j.unlearn.ProximalRewind.Reconstruction;
import org.junit.jupiter.api.Test;

class ProximalRewindTest {

    private static final int INPUTS = 4;
    private static final int STEPS = 30;

    private static HeadObjective objective() {
        Random random = new Random(6);
        double[][] x = new double[50][INPUTS];
        double[] labels = new double[50];
        for (int r = 0; r < 50; r++) {
            for (int i = 0; i < INPUTS; i++) {
                x[r][i] = random.nextGaussian() / 2;
            }
            labels[r] = random.nextInt(2);
        }
        return HeadObjective.logistic(x, labels).withWeightDecay(0.01);
    }

    @Test
    void stepsAreInvertedUpToTheToleranceGrownByEveryStep() {
        RewindToDelete run = new RewindToDelete(objective(), Recipe.fullBatch(STEPS, 0.5));
        double[] start = {1, -1, 0.5, 0.25};
        double[] last = run.run(start, STEPS, RecordIds.of());
        ProximalRewind back = new ProximalRewind(run, 1e-14);
        for (int steps : new int[] {0, 1, 10, STEPS}) {
            double[] truth = run.run(start, STEPS - steps, RecordIds.of());
            Reconstruction found = back.back(last, steps);
            assertEquals(STEPS - steps, found.step());
            // a step back expands by at most 1/(1 - ηL), L below 1/4·4·0.25·(a few) < 1: 2 a step; 1e-14 of norms below
            // 2 each
            double allowed = 4e-14 * Math.pow(2, steps);
            for (int i = 0; i < INPUTS; i++) {
                assertEquals(truth[i], found.theta()[i], allowed);
            }
            assertTrue(found.gradients() >= steps);
        }
        assertTrue(Reconstruction.LABEL.contains("EMPIRICAL"));
    }

    @Test
    void whatCannotBeInvertedIsRefused() {
        HeadObjective objective = objective();
        Recipe noisy = Recipe.fullBatch(STEPS, 0.5)
                .withNoise(new CheckpointNoise(3, org.amend4j.privacy.GaussianGrid.of(1, 10)));
        assertThrows(
                IllegalArgumentException.class, () -> new ProximalRewind(new RewindToDelete(objective, noisy), 1e-12));
        RewindToDelete steep = new RewindToDelete(objective, Recipe.fullBatch(STEPS, 400));
        assertThrows(
                ArithmeticException.class, () -> new ProximalRewind(steep, 1e-12).back(new double[] {1, 2, 3, 4}, 3));
    }
}
