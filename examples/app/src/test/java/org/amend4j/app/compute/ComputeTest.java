/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.compute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.amend4j.app.evaluation.Accuracy;
import org.amend4j.app.evaluation.Answers;
import org.amend4j.app.job.Progress;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.cuda.choice.Devices;
import org.amend4j.data.BadInputException;
import org.amend4j.data.Batches;
import org.amend4j.data.Labelled;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.graph.Records;
import org.amend4j.internal.onednn.OneDnn;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.objective.LowRankObjective;
import org.amend4j.prefix.HostPrefix;
import org.amend4j.training.PlannedTraining;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToRnnPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;

class ComputeTest {

    private static final int BATCH = 16;
    private static final long SEED = 7;

    /** 50 rows of five numbers, or more, three classes: the last batch of an epoch is a smaller one. */
    static final class Rows implements Labelled {

        private static final int LENGTH = 5;

        private final float[][] values;

        Rows() {
            this(50);
        }

        Rows(int size) {
            this.values = new float[size][LENGTH];
            Random random = new Random(5);
            for (float[] row : values) {
                for (int k = 0; k < LENGTH; k++) {
                    row[k] = random.nextFloat() * 2 - 1;
                }
            }
        }

        @Override
        public int size() {
            return values.length;
        }

        @Override
        public long[] shape() {
            return new long[] {LENGTH};
        }

        @Override
        public List<String> classes() {
            return List.of("a", "b", "c");
        }

        @Override
        public int label(int example) {
            float[] row = values[example];
            return row[0] > row[1] ? (row[0] > row[2] ? 0 : 2) : (row[1] > row[2] ? 1 : 2);
        }

        @Override
        public void features(int example, float[] into, int offset) {
            System.arraycopy(values[example], 0, into, offset, LENGTH);
        }
    }

    private static Examples examples() {
        return examples(new Rows(), BATCH);
    }

    static Examples examples(Labelled rows, int batch) {
        return Examples.of(rows, batch, SEED);
    }

    static DenseLayer hidden() {
        return new DenseLayer.Builder()
                .nIn(Rows.LENGTH)
                .nOut(6)
                .activation(Activation.TANH)
                .build();
    }

    static OutputLayer out(int inputs) {
        return new OutputLayer.Builder()
                .nIn(inputs)
                .nOut(3)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static ComputationGraph graph(IUpdater updater) {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(3)
                .updater(updater)
                .graphBuilder()
                .addInputs("in")
                .addLayer("hidden", hidden(), "in")
                .addLayer("out", out(6), "hidden")
                .setOutputs("out")
                .build());
        graph.init();
        return graph;
    }

    private static Progress to(StringWriter said) {
        return Progress.to(new PrintWriter(said));
    }

    static Compute cpu() {
        return Compute.cpu(to(new StringWriter()));
    }

    /** Trains and returns the losses of all steps, four an epoch. */
    private static double[] train(Compute compute, ComputationGraph graph, int epochs) {
        double[] losses = train(compute, graph, examples(), epochs);
        assertEquals(epochs * 4, losses.length);
        return losses;
    }

    private static double[] train(Compute compute, ComputationGraph graph, Examples examples, int epochs) {
        List<Double> losses = new ArrayList<>();
        try (Fitting fitting = compute.fitting(graph, examples)) {
            for (int epoch = 0; epoch < epochs; epoch++) {
                while (fitting.hasNext()) {
                    for (double loss : fitting.step()) {
                        losses.add(loss);
                    }
                }
                fitting.reset();
            }
        }
        return losses.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** An epoch of 70 steps, the last a smaller one: more than a device keeps the losses of. */
    @Test
    void aDevicesLossesAreThoseOfAskingAfterEveryStepBitForBit() {
        Labelled rows = new Rows(209);
        Examples examples = examples(rows, 3);
        ComputationGraph graph = graph(new Adam(0.02));
        List<Double> expected = new ArrayList<>();
        try (Compute compute = EmulatedCompute.askedFor(ProductPrecision.FP32)) {
            try (PlannedTraining training = PlannedTraining.of(
                    compute.device().orElseThrow(), graph, examples.all().get(), 3, Arithmetic.SINGLE)) {
                for (int epoch = 0; epoch < 2; epoch++) {
                    int[] order = Batches.order(rows.size(), SEED, epoch);
                    for (int from = 0; from < order.length; from += 3) {
                        training.step(Arrays.copyOfRange(order, from, Math.min(order.length, from + 3)));
                        expected.add(training.loss());
                    }
                }
            }
            assertArrayEquals(
                    expected.stream().mapToDouble(Double::doubleValue).toArray(),
                    train(compute, graph, examples, 2),
                    0);
        }
    }

    @Test
    void aDeviceIsAskedForLossesSeldomButAtTheEndOfEveryEpoch() {
        try (Compute compute = EmulatedCompute.askedFor(ProductPrecision.FP32);
                Fitting fitting = compute.fitting(graph(new Adam(0.02)), examples(new Rows(209), 3))) {
            List<Integer> asked = new ArrayList<>();
            for (int step = 1; fitting.hasNext(); step++) {
                int known = fitting.step().length;
                if (known > 0) {
                    asked.add(step);
                    assertEquals(step == 64 ? 64 : 6, known);
                }
            }
            assertEquals(List.of(64, 70), asked);
        }
    }

    /** Steps too large for floats. */
    @Test
    void aLossThatIsNoNumberIsToldBeforeTheGraphIsChanged() {
        ComputationGraph graph = graph(new Sgd(1e39));
        double[] before = ParameterVectors.of(graph);
        try (Compute compute = EmulatedCompute.askedFor(ProductPrecision.FP32);
                Fitting fitting = compute.fitting(graph, examples(new Rows(209), 3))) {
            List<Double> losses = new ArrayList<>();
            while (fitting.hasNext()) {
                for (double loss : fitting.step()) {
                    losses.add(loss);
                }
            }
            assertEquals(70, losses.size());
            assertTrue(Double.isFinite(losses.get(0)));
            assertTrue(losses.stream().anyMatch(loss -> loss.isNaN()), losses.toString());
            assertArrayEquals(before, ParameterVectors.of(graph), 0);
        }
    }

    /** Single precision against single precision: 12 steps, each of which errs by less than 1e-5 relatively. */
    @Test
    void aDeviceTrainsTheSameGraphOnTheSameBatches() {
        ComputationGraph expected = graph(new Adam(0.02));
        double[] losses = train(cpu(), expected, 3);
        ComputationGraph trained = graph(new Adam(0.02));
        double[] before = ParameterVectors.of(trained);
        try (Compute compute = EmulatedCompute.askedFor(ProductPrecision.FP32)) {
            double[] onDevice = train(compute, trained, 3);
            for (int step = 0; step < losses.length; step++) {
                assertEquals(losses[step], onDevice[step], 12e-5 * losses[step], "step " + step);
            }
            assertEquals(0, compute.device().orElseThrow().bytesInUse());
        }
        double moved = distance(before, ParameterVectors.of(trained));
        double apart = distance(ParameterVectors.of(expected), ParameterVectors.of(trained));
        assertTrue(apart < 12e-5 * moved, apart + " apart after " + moved);
        // The twin: two epochs are not three.
        ComputationGraph less = graph(new Adam(0.02));
        train(cpu(), less, 2);
        assertTrue(distance(ParameterVectors.of(less), ParameterVectors.of(trained)) > 12e-5 * moved);
    }

    private static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int k = 0; k < a.length; k++) {
            sum += (a[k] - b[k]) * (a[k] - b[k]);
        }
        return Math.sqrt(sum);
    }

    @Test
    void onTheCpuStepsAreThoseOfPlainFitUpToRounding() {
        ComputationGraph fitted = graph(new Adam(0.02));
        Batches batches = Batches.shuffled(new Rows(), BATCH, SEED);
        for (int epoch = 0; epoch < 2; epoch++) {
            while (batches.hasNext()) {
                fitted.fit(batches.next());
            }
            batches.reset();
        }
        ComputationGraph trained = graph(new Adam(0.02));
        train(cpu(), trained, 2);
        // Adam divides by roots of squares that are as small as the gradients, a few dozen times
        assertArrayEquals(ParameterVectors.of(fitted), ParameterVectors.of(trained), 1e-5);
    }

    @Test
    void anObjectiveOnADeviceIsTheCpusUpToRoundingAndGoesWithTheDevice() {
        ComputationGraph graph = graph(new Adam(0.02));
        Records records = examples().all().get().parts().iterator().next();
        double[] theta = ParameterVectors.of(graph);
        double expected = cpu().objective(graph, records).value(theta);
        Compute compute = EmulatedCompute.askedFor(ProductPrecision.FP32);
        LowRankObjective objective = compute.objective(graph, records);
        assertEquals(expected, objective.value(theta), 1e-5 * expected);
        compute.close(); // says so if memory was not given back
    }

    /** Without an adapter, and with one that was merged. */
    @Test
    void aDevicePredictsWhatTheGraphDoes() {
        ComputationGraph plain = graph(new Adam(0.02));
        train(cpu(), plain, 3);
        AdaptedModel adapted = AdaptedModel.attach(
                BaseModel.of(plain),
                LoraConfig.of(2, 4).withTargets("hidden"),
                new FineTuneConfiguration.Builder()
                        .seed(4)
                        .updater(new Adam(0.1))
                        .build());
        train(cpu(), adapted.graph(), 1);
        Labelled rows = new Rows();
        Accuracy before = cpu().answers(plain, rows, BATCH).accuracy();
        Accuracy after = cpu().answers(adapted.graph(), rows, BATCH).accuracy();
        assertTrue(Math.abs(before.crossEntropy() - after.crossEntropy()) > 1e-3, "the adapter makes a difference");
        try (Compute compute = EmulatedCompute.askedFor(ProductPrecision.FP32)) {
            Accuracy onDevice =
                    compute.answers(adapted.merge().network(), rows, BATCH).accuracy();
            assertEquals(after.crossEntropy(), onDevice.crossEntropy(), 1e-5 * after.crossEntropy());
            assertEquals(after.right(), onDevice.right());
            assertEquals(
                    before.crossEntropy(),
                    compute.answers(plain, rows, BATCH).accuracy().crossEntropy(),
                    1e-5 * before.crossEntropy());
            assertEquals(0, compute.device().orElseThrow().bytesInUse());
        }
    }

    @Test
    void whatADeviceCannotTrainIsRefusedWhereItWasAskedForAndTrainedOnTheCpuWhereItWasOnlyThere() {
        ComputationGraph graph = graph(new RmsProp(0.02));
        try (Compute compute = EmulatedCompute.askedFor(ProductPrecision.FP32)) {
            BadInputException refused = assertThrows(BadInputException.class, () -> compute.fitting(graph, examples()));
            assertTrue(refused.getMessage().contains("RmsProp"), refused.getMessage());
        }
        StringWriter said = new StringWriter();
        double[] losses;
        try (Compute compute = EmulatedCompute.found(said)) {
            losses = train(compute, graph, 1);
        }
        assertTrue(said.toString().startsWith("By Deeplearning4j's own layers: "), said.toString());
        assertTrue(said.toString().contains("RmsProp"), said.toString());
        assertEquals(losses[0], train(cpu(), graph(new RmsProp(0.02)), 1)[0]);
    }

    /** Plans have no dropout: Deeplearning4j's fit does it, and a line says so. */
    @Test
    void aNetworkWithDropoutIsFittedByDeeplearning4j() {
        ComputationGraph graph = graph(new Adam(0.02));
        graph.getLayer("hidden").conf().getLayer().setIDropout(new Dropout(0.5));
        StringWriter said = new StringWriter();
        double[] losses;
        try (Compute compute = Compute.cpu(to(said))) {
            losses = train(compute, graph, 1);
        }
        assertTrue(losses.length > 0);
        assertTrue(said.toString().contains("layer 'hidden' has dropout"), said.toString());
    }

    /** features(3) → hidden (dense) → lstm (two steps of three) → out, with an adapter on {@code hidden}. */
    private static ComputationGraph aroundAnLstm() {
        ComputationGraph plain = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(3)
                .graphBuilder()
                .addInputs("in")
                .addLayer("hidden", hidden(), "in")
                .addVertex("steps", new ReshapeVertex(-1, 3, 2), "hidden")
                .addLayer(
                        "lstm",
                        new LastTimeStep(new LSTM.Builder().nIn(3).nOut(4).build()),
                        "steps")
                .addLayer("out", out(4), "lstm")
                .setOutputs("out")
                .build());
        plain.init();
        return AdaptedModel.attach(
                        BaseModel.of(plain),
                        LoraConfig.of(2, 4).withTargets("hidden"),
                        new FineTuneConfiguration.Builder()
                                .updater(new Adam(0.02))
                                .build())
                .graph();
    }

    @Test
    void aNetworkWithAFrozenRecurrentLayerIsTrainedByAPlanOnTheCpuAndNamedOnADevice() {
        StringWriter said = new StringWriter();
        ComputationGraph graph = aroundAnLstm();
        ComputationGraph fitted = graph.clone();
        double[] losses;
        try (Compute compute = Compute.cpu(to(said))) {
            losses = train(compute, graph, 1);
        }
        assertEquals(
                "Within the plan, Deeplearning4j computes 'steps' (a ReshapeVertex), 'lstm' (a LastTimeStep).",
                said.toString().strip());
        Fitting expected = new GraphFitting(fitted, examples());
        for (double loss : losses) {
            assertEquals(expected.step()[0], loss, 1e-5 * loss);
        }
        try (Compute compute = EmulatedCompute.askedFor(ProductPrecision.FP32)) {
            BadInputException refused =
                    assertThrows(BadInputException.class, () -> compute.fitting(aroundAnLstm(), examples()));
            assertTrue(refused.getMessage().contains("vertex 'steps'"), refused.getMessage());
        }
    }

    @Test
    void answersDoNotDependOnTheBatchThatWasFittedLast() {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(3)
                .graphBuilder()
                .addInputs("in")
                .addLayer("hidden", hidden(), "in")
                .addLayer(
                        "lstm",
                        new LastTimeStep(new LSTM.Builder().nIn(6).nOut(4).build()),
                        new FeedForwardToRnnPreProcessor(),
                        "hidden")
                .addLayer("out", out(4), "lstm")
                .setOutputs("out")
                .build());
        graph.init();
        Rows rows = new Rows();
        Answers expected = Answers.of(graph, rows, 10);
        graph.setLabels(Nd4j.zeros(2, 3));
        Answers found = Answers.of(graph, rows, 10);
        for (int k = 0; k < rows.size(); k++) {
            assertEquals(expected.of(k), found.of(k));
            assertEquals(expected.probability(k), found.probability(k));
        }
    }

    @Test
    void frozenLayersOnTheCpuAreRoundedAsAskedForAndWhatIsNotIsSaid() {
        assumeTrue(OneDnn.here().filter(OneDnn::multipliesBfloat16).isPresent(), OneDnn::sentence);
        StringWriter said = new StringWriter();
        INDArray example = Nd4j.ones(1, 20);
        try (Compute compute = Compute.open(Devices.Wanted.of(Devices.Choice.CPU), ProductPrecision.BF16, to(said))) {
            ComputationGraph known = frozen(DataType.FLOAT, Activation.RELU);
            HostPrefix exact = HostPrefix.of(known, List.of("hidden"));
            FrozenPart rounded = compute.frozenLayers(exact, known, 4, example);
            assertEquals("on the CPU in bf16", rounded.where());
            assertTrue(
                    rounded.prefix().origin().endsWith("BF16"), rounded.prefix().origin());
            assertEquals("", said.toString());
            ComputationGraph unknown = frozen(DataType.FLOAT, Activation.CUBE);
            FrozenPart byLayers = compute.frozenLayers(HostPrefix.of(unknown, List.of("hidden")), unknown, 4, example);
            assertTrue(byLayers.where().startsWith("on the CPU in fp32 by Deeplearning4j: "), byLayers.where());
            assertTrue(said.toString().startsWith("Frozen layers by Deeplearning4j in fp32: "), said.toString());
            ComputationGraph wide = frozen(DataType.DOUBLE, Activation.RELU);
            HostPrefix inDouble = HostPrefix.of(wide, List.of("hidden"));
            assertThrows(BadInputException.class, () -> compute.frozenLayers(inDouble, wide, 4, example));
        }
    }

    private static ComputationGraph frozen(DataType type, Activation activation) {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .dataType(type)
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "hidden",
                        new DenseLayer.Builder()
                                .nIn(20)
                                .nOut(20)
                                .activation(activation)
                                .build(),
                        "in")
                .addLayer("out", out(20), "hidden")
                .setOutputs("out")
                .build());
        graph.init();
        return graph;
    }

    @Test
    void theCpuDoesNotRoundToTf32() {
        StringWriter said = new StringWriter();
        BadInputException refused = assertThrows(
                BadInputException.class,
                () -> Compute.open(Devices.Wanted.of(Devices.Choice.CPU), ProductPrecision.TF32, to(said)));
        assertEquals("--precision must be fp32 or bf16 on the CPU, got tf32", refused.getMessage());
        try (Compute compute = Compute.open(Devices.Wanted.of(Devices.Choice.CPU), ProductPrecision.FP32, to(said))) {
            assertTrue(compute.device().isEmpty());
            assertFalse(compute.sentence().isBlank());
        }
        assertEquals("", said.toString(), "the CPU is nothing to speak of");
    }
}
