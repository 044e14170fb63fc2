/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.stream.LongStream;
import org.amend4j.numeric.Upward;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.RecordIds;
import org.amend4j.privacy.GaussianGrid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Fifty deletions by convergence in a row, each chosen by someone who has seen the exact model before it. */
class ConvergentDeletionsTest {

    private static final int RECORDS = 80;
    private static final int DELETIONS = 50;

    /** Who chooses the next record, from those that are left. */
    private enum Chooser {
        /** The one that the model gets most wrong. */
        WORST {
            @Override
            long next(HeadObjective left, double[] model) {
                return byGradient(left, model, 1);
            }
        },
        /** The one that it gets most right. */
        BEST {
            @Override
            long next(HeadObjective left, double[] model) {
                return byGradient(left, model, -1);
            }
        },
        /** Any, by the last bits of the model. */
        BYTES {
            @Override
            long next(HeadObjective left, double[] model) {
                int size = left.records().size();
                return left.records().get(Math.floorMod(Arrays.hashCode(model), size));
            }
        };

        abstract long next(HeadObjective left, double[] model);

        private static long byGradient(HeadObjective left, double[] model, int sign) {
            long chosen = -1;
            double most = Double.NEGATIVE_INFINITY;
            for (long id : left.records().stream().toArray()) {
                double loss = sign * left.restrictedTo(RecordIds.of(id)).value(model);
                if (loss > most) {
                    most = loss;
                    chosen = id;
                }
            }
            return chosen;
        }
    }

    private static HeadProblem problem(boolean softmax, Optional<Double> normaliser) {
        Random random = new Random(8);
        double[][] x = new double[RECORDS][];
        double[][] labels = new double[RECORDS][softmax ? 3 : 1];
        for (int r = 0; r < RECORDS; r++) {
            x[r] = random.doubles(4, -1, 1).toArray();
            if (softmax) {
                labels[r][random.nextInt(3)] = 1;
            } else {
                labels[r][0] = x[r][0] + random.nextGaussian() / 2 > 0 ? 1 : 0;
            }
        }
        return HeadProblem.of(x, labels, true, normaliser, 0.01);
    }

    /** At least the distance of two points: a difference is rounded once, by a 2^-53 of it at most. */
    private static double distance(double[] a, double[] b) {
        double[] difference = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            difference[i] = a[i] - b[i];
        }
        return Upward.multiply(Upward.norm(difference), 1 + 0x1p-52);
    }

    /** How many of the models of a sequence are further than Δ from the one that never knew the deleted records. */
    private static int tooFar(HeadProblem problem, Chooser chooser, boolean converges) throws InterruptedException {
        RewindToDelete run = problem.run();
        double[] zero = new double[problem.objective().dimension()];
        double[] model = run.converge(zero, RecordIds.of(), StepListener.NONE);
        RecordIds deleted = RecordIds.of();
        int tooFar = 0;
        for (int k = 0; k < DELETIONS; k++) {
            HeadObjective left = problem.objective()
                    .restrictedTo(problem.objective().records().without(deleted));
            long next = chooser.next(left, model);
            deleted = RecordIds.of(
                    LongStream.concat(deleted.stream(), LongStream.of(next)).toArray());
            model = converges ? run.converge(model, deleted, StepListener.NONE) : model;
            double[] scratch = run.converge(zero, deleted, StepListener.NONE);
            tooFar += distance(model, scratch) <= problem.bound().delta() ? 0 : 1;
        }
        return tooFar;
    }

    @ParameterizedTest
    @EnumSource(Chooser.class)
    void afterEveryDeletionTheModelIsWithinDeltaOfTheOneFromScratch(Chooser chooser) throws InterruptedException {
        for (boolean softmax : new boolean[] {false, true}) {
            assertEquals(0, tooFar(problem(softmax, Optional.empty()), chooser, true));
            assertEquals(0, tooFar(problem(softmax, Optional.of(90.0)), chooser, true));
        }
    }

    /** The twin: who keeps the old model is too far after each of them. */
    @ParameterizedTest
    @EnumSource(Chooser.class)
    void aModelThatDoesNotDescendAgainIsTooFar(Chooser chooser) throws InterruptedException {
        assertEquals(DELETIONS, tooFar(problem(false, Optional.empty()), chooser, false));
        assertEquals(DELETIONS, tooFar(problem(true, Optional.of(90.0)), chooser, false));
    }

    @Test
    void aTrainingIsOneStepAndARewindToItsStartIsRetrainingBitForBit() throws Exception {
        HeadProblem problem = problem(true, Optional.empty());
        RewindToDelete run = problem.run();
        int dimension = problem.objective().dimension();
        RecordIds gone = RecordIds.of(2, 9, 40);
        double[] start = problem.point(new Random(9), 1);
        try (MemoryVault vault = new MemoryVault(dimension);
                MemoryVault other = new MemoryVault(dimension)) {
            double[] model = run.learn(start, RecordIds.of(), vault, StepListener.NONE);
            assertEquals(
                    RecordIds.of(0, 1),
                    RecordIds.of(vault.steps().stream().mapToLong(k -> k).toArray()));
            assertArrayEquals(run.converge(start, RecordIds.of(), StepListener.NONE), model, 0);
            assertArrayEquals(run.run(start, 1, RecordIds.of()), model, 0);
            double[] retrained = run.learn(start, gone, other, StepListener.NONE);
            assertArrayEquals(retrained, run.rewind(0, gone, vault, StepListener.NONE), 0);
        }
    }

    @Test
    void whereNothingIsProvedNothingConverges() {
        HeadProblem problem = problem(false, Optional.of(90.0));
        double[] zero = new double[problem.objective().dimension()];
        Recipe steps = Recipe.fullBatch(3, 0.1);
        Optional<ConvergenceBound> bound = Optional.of(problem.bound());
        RewindToDelete none = new RewindToDelete(problem.objective(), steps);
        RewindToDelete noisy = new RewindToDelete(
                problem.objective(), steps.withNoise(new CheckpointNoise(1, GaussianGrid.of(0.5, 10))), bound);
        RewindToDelete batches = new RewindToDelete(
                problem.objective(), steps.withBatches(new KeyedBatches(new byte[16], 1, 0.5)), bound);
        for (RewindToDelete run : new RewindToDelete[] {none, noisy, batches}) {
            assertEquals(Optional.empty(), run.convergence());
            assertThrows(IllegalStateException.class, () -> run.converge(zero, RecordIds.of(1), StepListener.NONE));
        }
        assertEquals(bound, new RewindToDelete(problem.objective(), steps, bound).convergence());
        assertTrue(problem.run().convergence().isPresent());
    }

    @Test
    void aRunInMemoryThatIsInterruptedIsCancelledAndStaysInterrupted() {
        HeadProblem problem = problem(false, Optional.empty());
        double[] zero = new double[problem.objective().dimension()];
        Thread.currentThread().interrupt();
        assertThrows(CancellationException.class, () -> problem.run().run(zero, 1, RecordIds.of()));
        assertTrue(Thread.interrupted());
    }

    @Test
    void everythingAndStrangersCannotBeDeleted() {
        HeadProblem problem = problem(false, Optional.of(90.0));
        double[] zero = new double[problem.objective().dimension()];
        RecordIds all = RecordIds.firstN(RECORDS);
        refused("got an empty subset", () -> problem.run().converge(zero, all, StepListener.NONE));
        RecordIds stranger = RecordIds.of(RECORDS);
        assertThrows(IllegalArgumentException.class, () -> problem.run().converge(zero, stranger, StepListener.NONE));
        refused(
                "the start must have 5 elements",
                () -> problem.run().converge(new double[1], RecordIds.of(), StepListener.NONE));
    }
}
