/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.training;

import static org.amend4j.testkit.Refusals.refused;
import static org.amend4j.training.PlannedTrainingTest.adapted;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ElementType;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.testkit.LawMachines;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** A training that is taken up elsewhere. */
class TrainingSnapshotTest {

    private static final int RECORDS = 40;
    private static final int BATCH = 16;
    private static final int EPOCHS = 2;

    /** The last of an epoch's steps is one of 8 records. */
    private static final int PER_EPOCH = 3;

    private static final Map<String, Consumer<FineTuneConfiguration.Builder>> TREATMENTS = Map.of(
            "SGD", b -> b.updater(new Sgd(0.2)),
            "SGD, slower and slower",
                    b -> b.updater(new Sgd(new ExponentialSchedule(ScheduleType.ITERATION, 0.2, 0.7))),
            "Adam", b -> b.updater(new Adam(0.01)),
            "AdamW", b -> b.updater(new Adam(0.01)).weightDecay(0.3, true),
            "decay", b -> b.updater(new Sgd(0.2)).weightDecay(0.01, false),
            "L2", b -> b.updater(new Adam(0.02)).l2(0.1),
            "limits",
                    b -> b.updater(new Adam(0.01))
                            .gradientNormalization(GradientNormalization.ClipL2PerLayer)
                            .gradientNormalizationThreshold(0.05));

    /** Of adapters' inputs. */
    private double dropout;

    private static List<Arithmetic> arithmetics(Machine machine) {
        return machine.computesIn(ElementType.DOUBLE)
                ? List.of(Arithmetic.SINGLE, Arithmetic.DOUBLE)
                : List.of(Arithmetic.SINGLE);
    }

    private PlannedTraining training(
            Machine machine, Consumer<FineTuneConfiguration.Builder> treatment, Arithmetic arithmetic) {
        return PlannedTraining.of(
                machine, adapted(treatment, dropout), Records.of(PlannedTrainingTest.data()), BATCH, arithmetic);
    }

    private static int[] order(int epoch) {
        return new Random(epoch).ints(0, RECORDS).limit(RECORDS).toArray();
    }

    /** From the start, or from where a snapshot is, up to some steps; adds the losses of its steps. */
    private static void train(PlannedTraining training, int until, List<Double> losses) {
        while (training.steps() < until) {
            if (!training.hasNext()) {
                int made = training.steps() % PER_EPOCH;
                int[] order = order(training.steps() / PER_EPOCH);
                training.begin(Arrays.copyOfRange(order, made * BATCH, order.length));
            }
            training.next();
            losses.add(training.loss());
        }
    }

    private static void assertSame(String message, TrainingSnapshot expected, TrainingSnapshot actual) {
        assertEquals(expected.type(), actual.type(), message);
        assertEquals(expected.steps(), actual.steps(), message);
        assertArrayEquals(bits(expected.parameters()), bits(actual.parameters()), message);
        assertEquals(expected.memory().size(), actual.memory().size(), message);
        for (int k = 0; k < expected.memory().size(); k++) {
            assertArrayEquals(
                    bits(expected.memory().get(k)), bits(actual.memory().get(k)), message);
        }
    }

    private static long[] bits(double[] values) {
        return DoubleStream.of(values).mapToLong(Double::doubleToRawLongBits).toArray();
    }

    /** Before the first step, within epochs, before and after their smaller last steps, after the last step of all. */
    @Tag("kernels")
    @Test
    void trainingTakenUpAfterAnyStepEndsWithTheBytesAndLossesOfTrainingThatWasNotStopped() {
        TREATMENTS.forEach(this::assertTheSameWhereverItIsStopped);
    }

    @Test
    void dropoutOfAdaptersGoesOnAsWell() {
        dropout = 0.3;
        assertTheSameWhereverItIsStopped("dropout", b -> b.updater(new Adam(0.01)));
    }

    private void assertTheSameWhereverItIsStopped(String name, Consumer<FineTuneConfiguration.Builder> treatment) {
        try (Machine machine = LawMachines.plain()) {
            for (Arithmetic arithmetic : arithmetics(machine)) {
                int end = EPOCHS * PER_EPOCH;
                List<Double> losses = new ArrayList<>();
                TrainingSnapshot expected;
                try (PlannedTraining whole = training(machine, treatment, arithmetic)) {
                    train(whole, end, losses);
                    expected = whole.snapshot();
                }
                for (int stop = 0; stop <= end; stop++) {
                    String message = name + " in " + arithmetic + ", stopped after " + stop;
                    List<Double> inTwo = new ArrayList<>();
                    TrainingSnapshot kept = stopped(machine, treatment, arithmetic, stop, inTwo);
                    try (PlannedTraining second = training(machine, treatment, arithmetic)) {
                        second.restore(kept);
                        assertSame(message, kept, second.snapshot());
                        train(second, end, inTwo);
                        assertSame(message, expected, second.snapshot());
                    }
                    assertEquals(losses, inTwo, message);
                }
            }
        }
    }

    private TrainingSnapshot stopped(
            Machine machine,
            Consumer<FineTuneConfiguration.Builder> treatment,
            Arithmetic arithmetic,
            int stop,
            List<Double> losses) {
        try (PlannedTraining first = training(machine, treatment, arithmetic)) {
            train(first, stop, losses);
            return first.snapshot();
        }
    }

    /** The twin: what a snapshot has matters. */
    @Test
    void withoutItsMomentsOrItsNumberOfStepsAdamGoesElsewhere() {
        Consumer<FineTuneConfiguration.Builder> adam = b -> b.updater(new Adam(0.01));
        try (Machine machine = LawMachines.plain();
                PlannedTraining training = training(machine, adam, Arithmetic.SINGLE)) {
            train(training, 4, new ArrayList<>());
            TrainingSnapshot kept = training.snapshot();
            List<double[]> none = kept.memory().stream()
                    .map(moments -> new double[moments.length])
                    .toList();
            List<TrainingSnapshot> lesser = List.of(
                    new TrainingSnapshot(kept.type(), kept.steps(), kept.parameters(), none),
                    new TrainingSnapshot(kept.type(), 0, kept.parameters(), kept.memory()));
            double[] expected = stepFrom(training, kept);
            assertArrayEquals(expected, stepFrom(training, kept), 0);
            for (TrainingSnapshot less : lesser) {
                assertFalse(Arrays.equals(expected, stepFrom(training, less)));
            }
        }
    }

    private static double[] stepFrom(PlannedTraining training, TrainingSnapshot start) {
        training.restore(start);
        training.step(1, 2, 3);
        return training.snapshot().parameters();
    }

    @Test
    void aSnapshotThatDoesNotFitIsRefusedInOneSentenceAndChangesNothing() {
        try (Machine machine = LawMachines.plain();
                PlannedTraining adam = training(machine, b -> b.updater(new Adam(0.01)), Arithmetic.SINGLE);
                PlannedTraining sgd = training(machine, b -> b.updater(new Sgd(0.01)), Arithmetic.SINGLE)) {
            train(adam, 2, new ArrayList<>());
            TrainingSnapshot before = adam.snapshot();
            int length = before.parameters().length;
            refused("an optimizer without memory", () -> adam.restore(sgd.snapshot()));
            refused("an optimizer's memory of [" + length, () -> sgd.restore(before));
            refused(
                    length + " parameters of FLOAT and an optimizer's memory of [" + length + ", " + length
                            + "] cannot go on from a snapshot with 3 parameters of FLOAT",
                    () -> adam.restore(new TrainingSnapshot(ElementType.FLOAT, 1, new double[3], before.memory())));
            refused(
                    "parameters of DOUBLE",
                    () -> adam.restore(
                            new TrainingSnapshot(ElementType.DOUBLE, 1, before.parameters(), before.memory())));
            refused(
                    "steps of a snapshot must be >= 0, got -1",
                    () -> new TrainingSnapshot(ElementType.FLOAT, -1, new double[3], List.of()));
            refused(
                    "must be of FLOAT or DOUBLE, got INT",
                    () -> new TrainingSnapshot(ElementType.INT, 1, new double[3], List.of()));
            assertSame("refusals", before, adam.snapshot());
        }
    }

    @Test
    void lossesAndWalkOfBeforeAreNotThoseOfTheTrainingThatWasTakenUp() {
        try (Machine machine = LawMachines.plain();
                PlannedTraining training = training(machine, b -> b.updater(new Sgd(0.1)), Arithmetic.SINGLE)) {
            train(training, 2, new ArrayList<>());
            training.restore(training.snapshot());
            assertFalse(training.hasNext());
            assertEquals(2, training.steps());
            assertThrows(IllegalStateException.class, training::loss);
            assertThrows(IllegalStateException.class, training::beginAgain);
            training.step(0);
            assertEquals(1, training.losses(1).length);
            assertThrows(IllegalStateException.class, () -> training.losses(2));
        }
    }
}
