/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.IndexRange;
import org.amend4j.objective.RecordIds;
import org.amend4j.privacy.GaussianGrid;
import org.amend4j.sensitivity.ContaminationLedger;
import org.amend4j.sensitivity.LinearHead;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.LossCurvature;
import org.amend4j.testkit.InFloat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs on a small logistic head, bit by bit. */
class RewindToDeleteTest {

    private static final int RECORDS = 60;
    private static final int INPUTS = 4;
    private static final int STEPS = 24;
    private static final double NORMALISER = 64;
    private static final byte[] KEY = "a key of sixteen".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    private static final RecordIds NONE = RecordIds.of();

    private enum Schedule {
        WHOLE,
        KEYED,
        EPOCHS,
        SUBJECTS
    }

    private static HeadObjective objective(double lambda) {
        Random random = new Random(4);
        double[][] x = new double[RECORDS][INPUTS];
        double[] labels = new double[RECORDS];
        for (int r = 0; r < RECORDS; r++) {
            for (int i = 0; i < INPUTS; i++) {
                x[r][i] = random.nextGaussian() / 4;
            }
            labels[r] = random.nextInt(2);
        }
        return HeadObjective.logistic(x, labels).withNormaliser(NORMALISER).withWeightDecay(lambda);
    }

    private static BatchSchedule batches(Schedule schedule) {
        return switch (schedule) {
            case WHOLE -> new WholeSet();
            case KEYED -> new KeyedBatches(KEY, 1, 0.25);
            case EPOCHS -> new KeyedEpochs(KEY, 1, 8, id -> id);
            case SUBJECTS -> new KeyedEpochs(KEY, 1, 24, id -> id / 5);
        };
    }

    private static RewindToDelete run(Schedule schedule) {
        BatchSchedule batches = batches(schedule);
        Recipe recipe = Recipe.fullBatch(STEPS, 0.5).withBatches(batches).withCheckpoints(CheckpointSchedule.every(1));
        return new RewindToDelete(objective(0.01).withNormaliser(batches.rate() * NORMALISER), recipe);
    }

    private static double[] start() {
        return new double[INPUTS];
    }

    @ParameterizedTest
    @EnumSource(Schedule.class)
    void batchesOfFewerRecordsAreTheBatchesLessThose(Schedule schedule) {
        BatchSchedule batches = batches(schedule);
        RecordIds all = RecordIds.firstN(RECORDS);
        RecordIds without = all.without(RecordIds.of(3, 17, 41));
        for (int t = 0; t < STEPS; t++) {
            long[] expected =
                    batches.at(all, t).stream().filter(without::contains).toArray();
            assertEquals(RecordIds.of(expected), batches.at(without, t));
        }
    }

    @Test
    void everyRecordIsUsedOnceAnEpochAndAnSubjectsRecordsTogether() {
        RecordIds all = RecordIds.firstN(RECORDS);
        for (Schedule schedule : List.of(Schedule.EPOCHS, Schedule.SUBJECTS)) {
            KeyedEpochs epochs = (KeyedEpochs) batches(schedule);
            List<Long> seen = new ArrayList<>();
            for (int t = epochs.stepsPerEpoch(); t < 2 * epochs.stepsPerEpoch(); t++) {
                RecordIds batch = epochs.at(all, t);
                batch.stream().forEach(seen::add);
                if (schedule == Schedule.SUBJECTS) {
                    batch.stream()
                            .forEach(id -> assertTrue(
                                    LongStream.range(id / 5 * 5, id / 5 * 5 + 5).allMatch(batch::contains)));
                }
            }
            assertEquals(RECORDS, seen.size());
            assertEquals(RECORDS, seen.stream().distinct().count());
        }
    }

    @ParameterizedTest
    @EnumSource(Schedule.class)
    void aRewindToTheStartIsRetrainingBitForBit(Schedule schedule) throws Exception {
        RewindToDelete run = run(schedule);
        RecordIds gone = RecordIds.of(0, 7, 33);
        try (MemoryVault vault = new MemoryVault(INPUTS);
                MemoryVault other = new MemoryVault(INPUTS)) {
            run.learn(start(), NONE, vault, StepListener.NONE);
            double[] unlearned = run.rewind(0, gone, vault, StepListener.NONE);
            double[] retrained = run.learn(start(), gone, other, StepListener.NONE);
            assertArrayEquals(retrained, unlearned, 0);
            for (int step : other.steps()) {
                assertEquals(other.sha256(step), vault.sha256(step));
            }
        }
    }

    @Test
    void aRewindOverStepsThatNeverUsedTheDeletedRecordsIsRetrainingBitForBit() throws Exception {
        RewindToDelete run = run(Schedule.SUBJECTS);
        int later = 0;
        for (long subject = 0; subject < RECORDS / 5; subject++) {
            RecordIds gone =
                    RecordIds.of(LongStream.range(subject * 5, subject * 5 + 5).toArray());
            ContaminationLedger ledger = new ContaminationLedger(bounds(run));
            run.note(
                    ledger,
                    java.util.stream.IntStream.rangeClosed(0, STEPS).boxed().toList());
            ledger.delete(gone);
            int first = ledger.drift().firstContaminated().orElse(STEPS);
            later += first;
            assertTrue(ledger.ifRewoundTo(first).isExact());
            try (MemoryVault vault = new MemoryVault(INPUTS);
                    MemoryVault other = new MemoryVault(INPUTS)) {
                run.learn(start(), NONE, vault, StepListener.NONE);
                double[] unlearned = run.rewind(first, gone, vault, StepListener.NONE);
                assertArrayEquals(run.learn(start(), gone, other, StepListener.NONE), unlearned, 0);
                if (first + 1 < STEPS) {
                    // the twin: one step later is one step too late
                    run.learn(start(), NONE, fresh(vault), StepListener.NONE);
                    double[] late = run.rewind(first + 1, gone, vault, StepListener.NONE);
                    assertFalse(java.util.Arrays.equals(unlearned, late));
                }
            }
        }
        assertTrue(later > 0, "no subject had a clean step");
    }

    private static MemoryVault fresh(MemoryVault vault) throws IOException {
        vault.destroyFrom(0);
        return vault;
    }

    private static LossBounds bounds(RewindToDelete run) {
        double radius = ((HeadObjective) run.objective()).largestFeatureNorm();
        return new LinearHead.Logistic().bounds(radius).withCurvature(LossCurvature.STRONGLY_CONVEX);
    }

    @ParameterizedTest
    @EnumSource(Schedule.class)
    void unlearnedIsNoFurtherFromRetrainedThanTheLedgerSays(Schedule schedule) throws Exception {
        RewindToDelete run = run(schedule);
        Random random = new Random(11);
        for (int trial = 0; trial < 20; trial++) {
            RecordIds gone = RecordIds.of(random.longs(0, RECORDS)
                    .distinct()
                    .limit(1 + random.nextInt(9))
                    .toArray());
            int checkpoint = random.nextInt(STEPS);
            try (MemoryVault vault = new MemoryVault(INPUTS);
                    MemoryVault other = new MemoryVault(INPUTS)) {
                run.learn(start(), NONE, vault, StepListener.NONE);
                ContaminationLedger ledger = new ContaminationLedger(bounds(run));
                run.note(ledger, vault.steps());
                ledger.delete(gone);
                double delta = ledger.ifRewoundTo(checkpoint).sensitivity().delta();
                double[] unlearned = run.rewind(checkpoint, gone, vault, StepListener.NONE);
                double[] retrained = run.learn(start(), gone, other, StepListener.NONE);
                // both runs round: 24 steps of 60 terms below 1, far below 1e-13
                assertTrue(distance(unlearned, retrained) <= delta + 1e-13);
            }
        }
    }

    private static double distance(double[] a, double[] b) {
        double squares = 0;
        for (int i = 0; i < a.length; i++) {
            squares += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(squares);
    }

    @ParameterizedTest
    @EnumSource(Schedule.class)
    void aRunThatWasStoppedEndsAtTheSameBytes(Schedule schedule) throws Exception {
        RewindToDelete run = run(schedule);
        try (MemoryVault vault = new MemoryVault(INPUTS);
                MemoryVault whole = new MemoryVault(INPUTS)) {
            double[] expected = run.learn(start(), NONE, whole, StepListener.NONE);
            for (int stop = 1; stop < STEPS; stop += 5) {
                int after = stop;
                fresh(vault);
                StepListener interrupt = (step, of) -> {
                    if (step == after) {
                        Thread.currentThread().interrupt();
                    }
                };
                assertThrows(InterruptedException.class, () -> run.learn(start(), NONE, vault, interrupt));
                assertEquals(after, vault.steps().last());
                assertArrayEquals(expected, run.learn(start(), NONE, vault, StepListener.NONE), 0);
            }
        }
    }

    @Test
    void parametersStayInTheirBallsAndAnEmptyBatchStillDecays() throws Exception {
        HeadObjective objective = objective(0.5);
        Recipe recipe = Recipe.fullBatch(10, 0.5)
                .withBatches(new KeyedBatches(KEY, 1, 1e-9))
                .withBalls(List.of(ParameterBall.of(new IndexRange(0, INPUTS), 0.25)));
        RewindToDelete run = new RewindToDelete(objective, recipe);
        double[] theta = run.run(new double[] {1, 0, 0, 0}, 10, NONE);
        double expected = 0.25;
        for (int t = 0; t < 10; t++) {
            expected *= 1 - 0.5 * 0.5;
        }
        assertEquals(expected, theta[0], 1e-11);
    }

    @Test
    void noiseOnTheWayIsDrawnOnceAndTheExactParametersAreNotKept() throws Exception {
        Recipe recipe = Recipe.fullBatch(STEPS, 0.5)
                .withCheckpoints(CheckpointSchedule.every(4))
                .withNoise(new CheckpointNoise(8, GaussianGrid.of(0.5, 100)));
        RewindToDelete run = new RewindToDelete(objective(0.01), recipe);
        try (MemoryVault vault = new MemoryVault(INPUTS)) {
            run.learn(start(), NONE, vault, StepListener.NONE);
            double[] exact = run.run(start(), 8, NONE);
            // 4 draws with sigma 0.5 are this close with a probability below 1e-20
            assertTrue(distance(exact, vault.read(8)) > 1e-6);
            double[] once = run.rewind(8, NONE, vault, StepListener.NONE);
            assertArrayEquals(once, run.rewind(8, NONE, vault, StepListener.NONE), 0);
        }
    }

    @Test
    void whatCannotBeRunIsRefused() throws Exception {
        RewindToDelete run = run(Schedule.WHOLE);
        assertThrows(IllegalArgumentException.class, () -> run.run(start(), 1, RecordIds.of(RECORDS)));
        try (MemoryVault vault = new MemoryVault(INPUTS)) {
            run.learn(start(), NONE, vault, StepListener.NONE);
            assertThrows(IllegalArgumentException.class, () -> run.rewind(STEPS + 1, NONE, vault, StepListener.NONE));
            double[] other = {1, 0, 0, 0};
            assertThrows(IllegalArgumentException.class, () -> run.learn(other, NONE, vault, StepListener.NONE));
        }
        HeadObjective mean = HeadObjective.logistic(new double[][] {{1}, {2}}, new double[] {0, 1});
        Recipe keyed = Recipe.fullBatch(2, 0.1).withBatches(new KeyedBatches(KEY, 1, 0.5));
        assertThrows(IllegalArgumentException.class, () -> new RewindToDelete(mean, keyed));
        Recipe steep = Recipe.fullBatch(3000, 1e300);
        assertThrows(
                ArithmeticException.class,
                () -> new RewindToDelete(mean.withWeightDecay(1), steep).run(new double[1], 3000, NONE));
    }

    /** What is exact is exact in any precision; what is bounded is bounded in double only. */
    @Test
    void inFloatARewindIsExactAndBoundsAreRefused() throws Exception {
        RewindToDelete run = new RewindToDelete(
                new InFloat(objective(0.01)), run(Schedule.WHOLE).recipe());
        RecordIds deleted = RecordIds.of(2, 30);
        try (MemoryVault vault = new MemoryVault(INPUTS)) {
            run.learn(start(), NONE, vault, StepListener.NONE);
            assertArrayEquals(run.run(start(), STEPS, deleted), run.rewind(0, deleted, vault, StepListener.NONE), 0);
        }
        assertThrows(IllegalStateException.class, () -> run.map(0));
        ContaminationLedger ledger = new ContaminationLedger(bounds(run(Schedule.WHOLE)));
        assertThrows(IllegalStateException.class, () -> run.note(ledger, List.of()));
    }
}
