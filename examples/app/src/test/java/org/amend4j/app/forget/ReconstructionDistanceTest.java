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
import org.junit.jupiter.api.Tag;
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

    /** After so many percent of the steps were inverted, one after the other. */
    private static double[] distances(RewindToDelete trained, RewindToDelete believed, int... percent) {
        double[] start = new double[RandHie.FEATURES];
        double[] last = trained.run(start, STEPS, RecordIds.of());
        int end = STEPS;
        double[] distances = new double[percent.length];
        for (int k = 0; k < percent.length; k++) {
            int next = STEPS - percent[k] * STEPS / 100;
            ProximalRewind.Reconstruction found = new ProximalRewind(believed, 1e-15).back(last, end, end - next);
            assertTrue(found.residual() < 1e-14, "residual " + found.residual());
            last = found.theta();
            end = next;
            distances[k] = Replay.distance(last, trained.run(start, end, RecordIds.of()));
        }
        return distances;
    }

    /** Within a factor of 100 of what was measured; what is amplified are roundings, which another machine may make otherwise. */
    @Test
    @Tag("exhaustive")
    void roundingGrowsWithEveryInvertedStep() throws IOException {
        requireDistances(1 / 0.26, 1.5e-14, 3.5e-12, 7.4e-9, 3.3e-5);
        requireDistances(1, 1.8e-15, 9.3e-15, 3.3e-14, 1.5e-13);
    }

    private static void requireDistances(double stepSize, double... measured) throws IOException {
        RewindToDelete run = run(stepSize);
        double[] distances = distances(run, run, PERCENT);
        System.out.println("reconstructed at step size " + stepSize + ": " + Arrays.toString(distances));
        for (int k = 0; k < PERCENT.length; k++) {
            assertTrue(
                    distances[k] > measured[k] / 100 && distances[k] < measured[k] * 100,
                    PERCENT[k] + " %: " + distances[k]);
        }
    }

    /** The residual of a wrong recipe is as small as that of the right one. */
    @Test
    @Tag("exhaustive")
    void aStepSizeThatIsOnePercentOffIsNotSeenInTheResidual() throws IOException {
        double right = distances(run(1), run(1), 10)[0];
        double wrong = distances(run(1), run(1.01), 10)[0];
        assertTrue(right < 1e-13, "right " + right);
        assertTrue(wrong > 1e-6, "wrong " + wrong);
        System.out.println("a step size that is 1 % off: " + wrong + ", the right one: " + right);
    }
}
