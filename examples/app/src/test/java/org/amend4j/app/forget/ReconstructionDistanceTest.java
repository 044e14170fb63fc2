/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.RecordIds;
import org.amend4j.unlearn.ProximalRewind;
import org.amend4j.unlearn.Recipe;
import org.amend4j.unlearn.Replay;
import org.amend4j.unlearn.RewindToDelete;
import org.junit.jupiter.api.Test;

/** How far reconstructed checkpoints are from the true ones on RAND HIE: the numbers of docs/unlearning.md, "Reconstructed". */
class ReconstructionDistanceTest {

    private static final int STEPS = 400;
    private static final int[] PERCENT = {10, 23, 36, 49};

    private static RewindToDelete run(double stepSize) throws IOException {
        HeadObjective objective = new RandHieSplit(RandHie.read(), 0)
                .objective(1)
                .withNormaliser(16_384)
                .withWeightDecay(0.01);
        return new RewindToDelete(objective, Recipe.fullBatch(STEPS, stepSize));
    }

    private static double distance(RewindToDelete trained, RewindToDelete believed, int percent) {
        double[] start = new double[RandHie.FEATURES];
        int back = percent * STEPS / 100;
        double[] last = trained.run(start, STEPS, RecordIds.of());
        double[] truth = trained.run(start, STEPS - back, RecordIds.of());
        ProximalRewind.Reconstruction found = new ProximalRewind(believed, 1e-15).back(last, back);
        assertTrue(found.residual() < 1e-14, "residual " + found.residual());
        return Replay.distance(found.theta(), truth);
    }

    /** Within a factor of 100 of what was measured; what is amplified are roundings, which another machine may make otherwise. */
    @Test
    void roundingGrowsWithEveryInvertedStep() throws IOException {
        requireDistances(1 / 0.26, 1.5e-14, 3.5e-12, 7.4e-9, 3.3e-5);
        requireDistances(1, 1.8e-15, 9.3e-15, 3.3e-14, 1.5e-13);
    }

    private static void requireDistances(double stepSize, double... measured) throws IOException {
        RewindToDelete run = run(stepSize);
        double[] distances = new double[PERCENT.length];
        for (int k = 0; k < PERCENT.length; k++) {
            distances[k] = distance(run, run, PERCENT[k]);
        }
        System.out.println("reconstructed at step size " + stepSize + ": " + Arrays.toString(distances));
        for (int k = 0; k < PERCENT.length; k++) {
            assertTrue(
                    distances[k] > measured[k] / 100 && distances[k] < measured[k] * 100,
                    PERCENT[k] + " %: " + distances[k]);
        }
    }

    /** The residual of a wrong recipe is as small as that of the right one. */
    @Test
    void aStepSizeThatIsOnePercentOffIsNotSeenInTheResidual() throws IOException {
        double right = distance(run(1), run(1), 10);
        double wrong = distance(run(1), run(1.01), 10);
        assertTrue(right < 1e-13, "right " + right);
        assertTrue(wrong > 1e-6, "wrong " + wrong);
        System.out.println("a step size that is 1 % off: " + wrong + ", the right one: " + right);
    }
}
