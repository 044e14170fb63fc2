/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.training;

import static org.amend4j.testkit.SmallNetworks.dense;
import static org.amend4j.testkit.SmallNetworks.initialised;
import static org.amend4j.testkit.SmallNetworks.output;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.Attachment;
import org.amend4j.lora.config.FactorTraining;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.amend4j.model.UnsupportedNetworkException;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.LawMachines;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;

class PlannedTrainingTest {

    private static final int INPUTS = 7;
    private static final int CLASSES = 3;
    private static final int RECORDS = 40;
    private static final int BATCH = 16;
    private static final int STEPS = 12;

    /**
     * A step's gradient errs by about 1e-6 relatively (products of at most 11 terms, batches of 16, three layers), and the smooth
     * network of twelve small steps does not blow differences up by more than ten.
     */
    private static final double TOLERANCE = 1e-5 * STEPS;

    @Test
    void stepsAreThoseOfFit() {
        IUpdater[] updaters = {
            new Sgd(0.2),
            new Adam(0.01),
            new Adam(0.02, 0.8, 0.99, 1e-6),
            new Sgd(new ExponentialSchedule(ScheduleType.ITERATION, 0.2, 0.7)),
            new Adam(new ExponentialSchedule(ScheduleType.ITERATION, 0.02, 0.7))
        };
        for (IUpdater updater : updaters) {
            ComputationGraph graph = adapted(updater);
            DataSet data = data();
            try (Machine device = LawMachines.checking();
                    PlannedTraining training = training(device, graph, data)) {
                double[] start = ParameterVectors.of(graph);
                for (int step = 0; step < STEPS; step++) {
                    int[] batch = batch(step);
                    training.step(batch);
                    graph.fit(rows(data, batch));
                    assertEquals(graph.score(), training.loss(), 1e-5 * graph.score(), updater + ", step " + step);
                }
                ComputationGraph trained = adapted(updater);
                training.copyInto(trained);
                double moved = distance(start, ParameterVectors.of(graph));
                double apart = distance(ParameterVectors.of(graph), ParameterVectors.of(trained));
                assertTrue(apart <= TOLERANCE * moved, updater + ": " + apart + " after " + moved);
                assertEquals(STEPS, training.steps());
            }
        }
    }

    @Test
    void stepsOfLoraPlusAreThoseOfFit() {
        FactorTraining fast = FactorTraining.loraPlus(8);
        Map<String, Consumer<FineTuneConfiguration.Builder>> treatments = Map.of(
                "SGD", b -> b.updater(new Sgd(new ExponentialSchedule(ScheduleType.ITERATION, 0.05, 0.7))),
                "AdamW", b -> b.updater(new Adam(0.002)).weightDecay(0.3, true));
        DataSet data = data();
        treatments.forEach((name, treatment) -> {
            ComputationGraph fitted = adapted(treatment, 0, fast);
            double[] start = ParameterVectors.of(fitted);
            try (Machine device = LawMachines.checking();
                    PlannedTraining training = training(device, fitted, data)) {
                for (int step = 0; step < STEPS; step++) {
                    int[] batch = batch(step);
                    training.step(batch);
                    fitted.fit(rows(data, batch));
                }
                ComputationGraph trained = adapted(treatment, 0, fast);
                training.copyInto(trained);
                double moved = distance(start, ParameterVectors.of(fitted));
                double apart = distance(ParameterVectors.of(fitted), ParameterVectors.of(trained));
                assertTrue(apart <= TOLERANCE * moved, name + ": " + apart + " after " + moved);
            }
        });
    }

    @Test
    void preconditionedGradientsAreRefusedByName() {
        for (FactorTraining factors : List.of(FactorTraining.loraFa(), FactorTraining.riemannian())) {
            ComputationGraph graph = adapted(b -> b.updater(new Sgd(0.1)), 0, factors);
            try (Machine device = LawMachines.checking()) {
                UnsupportedNetworkException refusal =
                        assertThrows(UnsupportedNetworkException.class, () -> training(device, graph, data()));
                assertEquals(
                        "a plan trains factors along their own gradients, but those of layer 'first' are"
                                + " preconditioned by " + factors.method(),
                        refusal.getMessage());
            }
        }
    }

    /** Decay with and without the learning rate, L2, and limits of norms that some gradients are above and some are below. */
    @Test
    void stepsWithPenaltiesAndShortenedGradientsAreThoseOfFit() {
        Map<String, Consumer<FineTuneConfiguration.Builder>> treatments = Map.of(
                "AdamW", b -> b.updater(new Adam(0.01)).weightDecay(0.3, true),
                "decay", b -> b.updater(new Sgd(0.2)).weightDecay(0.01, false),
                "L2", b -> b.updater(new Sgd(0.2)).l2(0.1),
                "L2 and decay", b -> b.updater(new Adam(0.01)).l2(0.1).weightDecay(0.2, true),
                "layer",
                        b -> b.updater(new Sgd(0.2))
                                .gradientNormalization(GradientNormalization.ClipL2PerLayer)
                                .gradientNormalizationThreshold(0.05),
                "parameter",
                        b -> b.updater(new Sgd(0.2))
                                .gradientNormalization(GradientNormalization.ClipL2PerParamType)
                                .gradientNormalizationThreshold(0.04),
                "both",
                        b -> b.updater(new Adam(0.01))
                                .l2(0.1)
                                .gradientNormalization(GradientNormalization.ClipL2PerLayer)
                                .gradientNormalizationThreshold(0.05));
        DataSet data = data();
        Exhaustive.oneIn(2, treatments.keySet().stream().sorted().toList()).forEach(name -> {
            ComputationGraph fitted = adapted(treatments.get(name));
            ComputationGraph plain = adapted(new Sgd(0.2));
            double[] start = ParameterVectors.of(fitted);
            try (Machine device = LawMachines.checking();
                    PlannedTraining training = training(device, fitted, data);
                    PlannedTraining without = training(device, plain, data)) {
                for (int step = 0; step < STEPS; step++) {
                    int[] batch = batch(step);
                    training.step(batch);
                    without.step(batch);
                    fitted.fit(rows(data, batch));
                }
                double[] expected = ParameterVectors.of(fitted);
                double moved = distance(start, expected);
                double apart = distance(expected, parameters(training));
                assertTrue(apart <= TOLERANCE * moved, name + ": " + apart + " after " + moved);
                // The treatment is no matter of rounding.
                assertTrue(distance(expected, parameters(without)) > 100 * TOLERANCE * moved, name);
            }
        });
    }

    /** The twin of {@link #stepsAreThoseOfFit}. */
    @Test
    void oneStepMoreIsNotThatOfFit() {
        ComputationGraph graph = adapted(new Sgd(0.2));
        DataSet data = data();
        try (Machine device = LawMachines.plain();
                PlannedTraining training = training(device, graph, data)) {
            double[] start = ParameterVectors.of(graph);
            training.step(batch(0));
            training.step(batch(1));
            graph.fit(rows(data, batch(0)));
            ComputationGraph trained = adapted(new Sgd(0.2));
            training.copyInto(trained);
            double moved = distance(start, ParameterVectors.of(graph));
            assertTrue(distance(ParameterVectors.of(graph), ParameterVectors.of(trained)) > TOLERANCE * moved);
        }
    }

    /** A schedule that knows the rates of two steps only. */
    public static final class TwoRates implements ISchedule {
        @Override
        public double valueAt(int iteration, int epoch) {
            return new double[] {0.1, 0.05}[iteration];
        }

        @Override
        @SuppressWarnings("MethodDoesntCallSuperMethod") // of a value
        public ISchedule clone() {
            return this;
        }
    }

    @Test
    void aScheduleIsAskedForNoMoreStepsThanAreMade() {
        try (Machine device = LawMachines.plain();
                PlannedTraining training = training(device, adapted(new Sgd(new TwoRates())), data())) {
            training.step(batch(0));
            training.begin(batch(1));
            training.next();
            assertThrows(ArrayIndexOutOfBoundsException.class, () -> training.step(batch(2)));
        }
    }

    /** Full batches are recorded, smaller ones are not: the same records in the same steps give the same bytes. */
    @Test
    void aReplayedStepIsAStep() {
        ComputationGraph graph = adapted(new Adam(0.01));
        try (Machine device = LawMachines.plain();
                PlannedTraining recorded = training(device, graph, data());
                PlannedTraining direct =
                        PlannedTraining.of(device, graph, Records.of(data()), BATCH + 1, Arithmetic.SINGLE)) {
            for (int step = 0; step < 5; step++) {
                recorded.step(batch(step));
                direct.step(batch(step));
            }
            assertArrayEquals(parameters(recorded), parameters(direct), 0);
        }
    }

    /** More steps than losses are kept of, the last of each walk with fewer records. */
    @Test
    void stepsAlongAWalkAreStepsOnItsPartsAndLossesAskedForLaterAreThoseAskedForAtOnce() {
        ComputationGraph graph = adapted(new Adam(0.01));
        try (Machine device = LawMachines.plain();
                PlannedTraining walking = training(device, graph, data());
                PlannedTraining stepping = training(device, graph, data())) {
            assertEquals(64, walking.lossesKept());
            List<Double> expected = new ArrayList<>();
            List<Double> actual = new ArrayList<>();
            for (int walk = 0; walk < 30; walk++) {
                int[] order =
                        new Random(walk).ints(0, RECORDS).limit(BATCH * 2 + 5).toArray();
                walking.begin(order);
                for (int from = 0; from < order.length; from += BATCH) {
                    walking.next();
                    stepping.step(Arrays.copyOfRange(order, from, Math.min(order.length, from + BATCH)));
                    expected.add(stepping.loss());
                }
                assertFalse(walking.hasNext());
                if (walk % 20 == 19 || walk == 29) {
                    DoubleStream.of(walking.losses(expected.size() - actual.size()))
                            .forEach(actual::add);
                }
            }
            assertEquals(90, actual.size());
            assertEquals(expected, actual);
            assertArrayEquals(parameters(stepping), parameters(walking), 0);
        }
    }

    @Test
    void aWalkBegunAgainIsTheWalk() {
        ComputationGraph graph = adapted(new Adam(0.01));
        int[] order = new Random(2).ints(0, RECORDS).limit(BATCH * 2 + 5).toArray();
        try (Machine device = LawMachines.plain();
                PlannedTraining again = training(device, graph, data());
                PlannedTraining anew = training(device, graph, data())) {
            again.begin(order);
            for (int walk = 0; walk < 3; walk++) {
                anew.begin(order);
                again.beginAgain();
                for (; anew.hasNext(); anew.next()) {
                    again.next();
                }
                assertFalse(again.hasNext());
            }
            assertArrayEquals(parameters(anew), parameters(again), 0);
        }
    }

    @Test
    void theGraphIsOnlyChangedByCopying() {
        ComputationGraph graph = adapted(new Sgd(0.2));
        double[] before = ParameterVectors.of(graph);
        try (Machine device = LawMachines.plain();
                PlannedTraining training = training(device, graph, data())) {
            training.step(batch(0));
            assertArrayEquals(before, ParameterVectors.of(graph), 0);
            training.copyInto(graph);
            assertTrue(distance(before, ParameterVectors.of(graph)) > 0);
        }
    }

    @Test
    void trainingLowersTheLossAndGivesItsMemoryBack() {
        ComputationGraph graph = adapted(new Adam(0.05));
        Records data = Records.of(data());
        double before = GraphObjective.of(graph, data).value(ParameterVectors.of(graph));
        try (Machine device = LawMachines.plain()) {
            try (PlannedTraining training = training(device, graph, data())) {
                for (int step = 0; step < 60; step++) {
                    training.step(batch(step));
                }
                training.copyInto(graph);
            }
            assertEquals(0, device.bytesInUse());
        }
        assertTrue(GraphObjective.of(graph, data).value(ParameterVectors.of(graph)) < 0.7 * before);
    }

    @Test
    void whatADeviceCannotTrainIsRefusedInOneSentence() {
        refused("has RmsProp", plain(b -> b.updater(new RmsProp(0.1))));
        refused(
                "trains with L2 regularisation and weight decay",
                plain(b -> b.updater(new Sgd(0.1)).l1(0.01)));
        refused(
                "clips gradients per layer or parameter, but layer 'first' has RenormalizeL2PerLayer",
                plain(b -> b.updater(new Sgd(0.1)).gradientNormalization(GradientNormalization.RenormalizeL2PerLayer)));
        refused("has miniBatch(false)", plain(b -> b.updater(new Sgd(0.1)).miniBatch(false)));
        refused(
                "a plan makes one step along a gradient",
                plain(b -> b.updater(new Sgd(0.1)).optimizationAlgo(OptimizationAlgorithm.LBFGS)));
        refused("has dropout", plain(b -> b.updater(new Sgd(0.1)).dropOut(0.5)));
    }

    @Test
    void aStepHasRecordsThatAreThere() {
        try (Machine device = LawMachines.plain();
                PlannedTraining training = training(device, adapted(new Sgd(0.1)), data())) {
            assertThrows(IllegalStateException.class, training::loss);
            assertThrows(IllegalStateException.class, () -> training.losses(1));
            assertThrows(IllegalArgumentException.class, () -> training.losses(0));
            assertThrows(IllegalArgumentException.class, () -> training.losses(65));
            assertThrows(NoSuchElementException.class, training::next);
            assertThrows(IllegalStateException.class, training::beginAgain);
            assertThrows(IllegalArgumentException.class, () -> training.begin());
            assertThrows(IllegalArgumentException.class, () -> training.begin(0, RECORDS));
            assertThrows(IllegalArgumentException.class, () -> training.step());
            assertThrows(IllegalArgumentException.class, () -> training.step(RECORDS));
            assertThrows(IllegalArgumentException.class, () -> training.step(new int[BATCH + 1]));
            assertEquals(0, training.steps());
        }
    }

    private static void refused(String words, ComputationGraph graph) {
        try (Machine device = LawMachines.plain()) {
            IllegalArgumentException e =
                    assertThrows(IllegalArgumentException.class, () -> training(device, graph, data()));
            assertTrue(e.getMessage().contains(words), e.getMessage());
            assertEquals(0, device.bytesInUse());
        }
    }

    private static PlannedTraining training(Machine device, ComputationGraph graph, DataSet data) {
        return PlannedTraining.of(device, graph, Records.of(data), BATCH, Arithmetic.SINGLE);
    }

    private static double[] parameters(PlannedTraining training) {
        ComputationGraph graph = adapted(new Sgd(0.1));
        training.copyInto(graph);
        return ParameterVectors.of(graph);
    }

    private static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            sum += (a[k] - b[k]) * (a[k] - b[k]);
        }
        return Math.sqrt(sum);
    }

    /** Full batches, a smaller one now and then. */
    private static int[] batch(int step) {
        int size = step % 4 == 3 ? BATCH - 5 : BATCH;
        return new Random(step).ints(0, RECORDS).distinct().limit(size).toArray();
    }

    static DataSet data() {
        Random random = new Random(9);
        INDArray features = TestNetworks.normal(DataType.DOUBLE, random, RECORDS, INPUTS);
        return new DataSet(features, TestNetworks.oneHot(DataType.DOUBLE, random, RECORDS, CLASSES, 0));
    }

    private static DataSet rows(DataSet data, int[] chosen) {
        return DataSet.merge(IntStream.of(chosen).mapToObj(data::get).toList());
    }

    private static ComputationGraph plain(Consumer<NeuralNetConfiguration.Builder> settings) {
        NeuralNetConfiguration.Builder builder =
                new NeuralNetConfiguration.Builder().seed(3).dataType(DataType.DOUBLE);
        settings.accept(builder);
        return initialised(builder.graphBuilder()
                .addInputs("in")
                .addLayer("first", dense(INPUTS, 11, Activation.TANH), "in")
                .addLayer("second", dense(11, 8, Activation.SIGMOID), "first")
                .addLayer("out", output(8, CLASSES, LossFunction.MCXENT, Activation.SOFTMAX), "second")
                .setOutputs("out"));
    }

    private static ComputationGraph adapted(IUpdater updater) {
        return adapted(b -> b.updater(updater));
    }

    private static ComputationGraph adapted(Consumer<FineTuneConfiguration.Builder> treatment) {
        return adapted(treatment, 0);
    }

    static ComputationGraph adapted(Consumer<FineTuneConfiguration.Builder> treatment, double dropout) {
        return adapted(treatment, dropout, FactorTraining.PLAIN);
    }

    private static ComputationGraph adapted(
            Consumer<FineTuneConfiguration.Builder> treatment, double dropout, FactorTraining factors) {
        FineTuneConfiguration.Builder configuration = new FineTuneConfiguration.Builder();
        treatment.accept(configuration);
        BaseModel base = BaseModel.of(plain(b -> b.updater(new Sgd(0.1))));
        ComputationGraph graph = AdaptedModel.attach(
                        base,
                        LoraConfig.of(2, 4)
                                .withDropout(dropout)
                                .withTargets(Targets.names("first", "second"))
                                .withTrainedInFull("out"),
                        Attachment.of(configuration.build()).withFactors(factors))
                .graph();
        INDArray start = TestNetworks.normal(
                DataType.DOUBLE, new Random(5), graph.params().shape());
        graph.params().assign(start.muli(0.3));
        return graph;
    }
}
