/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.amend4j.descent.Assurance;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.RecordIds;
import org.amend4j.sensitivity.Constant;
import org.amend4j.sensitivity.ContaminationLedger;
import org.amend4j.sensitivity.LinearHead;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.LossCurvature;
import org.junit.jupiter.api.Test;

/** Trajectories that something else computed, whose points are not what the steps make of the ones before. */
class DisplacementTest {

    private static final int INPUTS = 3;
    private static final int RECORDS = 40;
    private static final int STEPS = 12;

    /** A problem and a run on it; features of norm 1. */
    private static RewindToDelete run(Random random, double decay) {
        double[][] x = new double[RECORDS][INPUTS];
        double[] labels = new double[RECORDS];
        for (int r = 0; r < RECORDS; r++) {
            double squares = 0;
            for (int i = 0; i < INPUTS; i++) {
                x[r][i] = random.nextGaussian();
                squares += x[r][i] * x[r][i];
            }
            for (int i = 0; i < INPUTS; i++) {
                x[r][i] /= Math.sqrt(squares) * (1 + 1e-12);
            }
            labels[r] = random.nextInt(2);
        }
        HeadObjective objective =
                HeadObjective.logistic(x, labels).withNormaliser(RECORDS).withWeightDecay(decay);
        return new RewindToDelete(objective, Recipe.fullBatch(STEPS, 1).withCheckpoints(CheckpointSchedule.every(3)));
    }

    private static LossBounds bounds(double decay) {
        return new LinearHead.Logistic()
                .bounds(1)
                .withCurvature(decay > 0 ? LossCurvature.STRONGLY_CONVEX : LossCurvature.CONVEX);
    }

    private static double[] moved(Random random, double[] from, double by) {
        double[] direction = new double[from.length];
        double squares = 0;
        for (int i = 0; i < from.length; i++) {
            direction[i] = random.nextGaussian();
            squares += direction[i] * direction[i];
        }
        double[] result = from.clone();
        for (int i = 0; i < from.length; i++) {
            result[i] += by * (1 - 1e-12) * direction[i] / Math.sqrt(squares);
        }
        return result;
    }

    /** How far an unlearned displaced trajectory was from the retrained one, and the bound with and without the displacements. */
    private record Outcome(double distance, double bound, double without) {}

    private static Outcome outcome(long seed) throws IOException, InterruptedException {
        Random random = new Random(seed);
        double decay = random.nextBoolean() ? 0.05 : 0;
        RewindToDelete run = run(random, decay);
        // up to far above what one record of forty can do, so that leaving it out is seen
        double tolerance = Math.pow(10, 1 - 4 * random.nextDouble());
        double[] start = new double[INPUTS];
        double[] six = moved(random, run.replay(start, 0, 6, (step, theta) -> {}), tolerance);
        double[] nine = moved(random, run.replay(six, 6, 9, (step, theta) -> {}), tolerance);
        RecordIds gone = RecordIds.of(random.nextInt(RECORDS));
        MemoryVault vault = new MemoryVault(INPUTS);
        vault.keep(0, start);
        vault.keep(9, nine);
        double[] unlearned = run.rewind(9, gone, vault, StepListener.NONE);
        double[] retrained = run.learn(start, gone, new MemoryVault(INPUTS), StepListener.NONE);
        ContaminationLedger ledger = new ContaminationLedger(bounds(decay));
        run.note(ledger, List.of(6, 9));
        ledger.delete(gone);
        double without = ledger.ifRewoundTo(9).computed();
        ledger.displace(6, Constant.enforced(tolerance, "tolerance"));
        ledger.displace(9, Constant.enforced(tolerance, "tolerance"));
        ledger.displace(STEPS, Constant.enforced(1e9, "later than the rewind"));
        return new Outcome(
                Replay.distance(unlearned, retrained), ledger.ifRewoundTo(9).computed(), without);
    }

    @Test
    void aDisplacedTrajectoryIsNeverFurtherThanItsBoundAndOftenFurtherThanTheBoundWithout()
            throws IOException, InterruptedException {
        int broken = 0;
        for (long seed = 1; seed <= 300; seed++) {
            Outcome outcome = outcome(seed);
            assertTrue(outcome.distance() <= outcome.bound() + 1e-12, "seed " + seed + ": " + outcome);
            broken += outcome.distance() > outcome.without() + 1e-12 ? 1 : 0;
        }
        // the twin that forgets the displacements
        assertTrue(broken > 30, broken + " of 300");
    }

    @Test
    void nothingDisplacedIsExactAndItsEvidenceIsThatOfTheDisplacement() {
        Random random = new Random(5);
        RewindToDelete run = run(random, 0.05);
        ContaminationLedger ledger = new ContaminationLedger(bounds(0.05));
        run.note(ledger, List.of(3, 6));
        ledger.displace(6, new Constant(1e-9, Assurance.ENFORCED, "tolerance"));
        // nobody is deleted: only the displacement is in the way
        assertTrue(ledger.ifRewoundTo(3).isExact());
        assertFalse(ledger.ifRewoundTo(6).isExact());
        assertEquals(Assurance.ENFORCED, ledger.ifRewoundTo(6).assurance());
        assertTrue(ledger.ifRewoundTo(6).sensitivity().delta() > 0);
        ContaminationLedger estimated = ledger.copy();
        estimated.displace(0, Constant.estimated(1e-15, "reconstructed"));
        for (int checkpoint : new int[] {0, 3, 6}) {
            assertFalse(estimated.ifRewoundTo(checkpoint).isExact());
            assertEquals(Assurance.ESTIMATED, estimated.ifRewoundTo(checkpoint).assurance());
        }
        ledger.rewound(3);
        assertEquals(new TreeMap<>(), ledger.displacements());
    }
}
