/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import static org.amend4j.testkit.Refusals.refused;
import static org.amend4j.testkit.SmallNetworks.dense;
import static org.amend4j.testkit.SmallNetworks.initialised;
import static org.amend4j.testkit.SmallNetworks.output;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ElementType;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.graph.Records;
import org.amend4j.internal.compiler.PlanSession;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.lora.perexample.ObservedGraph;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.NetworkReader;
import org.amend4j.internal.network.Node;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Scope;
import org.amend4j.internal.prefix.PlannedPrefix;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.TrainingExtras;
import org.amend4j.model.UnsupportedNetworkException;
import org.amend4j.objective.RecordIds;
import org.amend4j.prefix.HostPrefix;
import org.amend4j.testkit.Agreement;
import org.amend4j.testkit.ClippedByDefinition;
import org.amend4j.testkit.DoublesByDefault;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.RandomSequenceGraph;
import org.amend4j.testkit.RandomWordsGraph;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.testkit.TestNetworks;
import org.amend4j.training.PlannedTraining;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** What no kernel knows, Deeplearning4j computes within a plan on the host. */
@ExtendWith(DoublesByDefault.class)
class OpaqueVerticesTest {

    /** As in {@link org.amend4j.internal.cpu.HostPlansTest}: the same sums, rounded as often. */
    private static final double DOUBLE = 1e-11;

    private static final int NETWORKS = Exhaustive.times(20, 60);

    private static final PlanSettings IN_DOUBLE = PlanSettings.DEFAULT.withArithmetic(Arithmetic.DOUBLE);

    @Test
    void networksAreTheReferencesWhetherTheirLayersAreFrozenOrTrained() {
        Set<String> kinds = new TreeSet<>();
        try (HostMachine machine = HostMachine.open(2)) {
            for (long seed = 0; seed < NETWORKS; seed++) {
                RandomSequenceGraph random = RandomSequenceGraph.of(seed);
                Records records = Records.of(random.data());
                GraphObjective reference = GraphObjective.of(random.graph(), records);
                try (PlannedObjective objective = PlannedObjective.of(machine, random.graph(), records, IN_DOUBLE)) {
                    Agreement.assertAgree(
                            reference, objective, reference.parameters(), DOUBLE, seed + " " + random.kinds());
                    assertEquals(
                            objective.value(reference.parameters()),
                            objective.valueAndGradient(reference.parameters(), new double[reference.dimension()]));
                }
                random.model().base().verifyUnchanged();
                kinds.addAll(random.kinds());
            }
        }
        for (String kind : List.of("lstm", "graves", "simple", "both", "attention", "user", "convolution")) {
            assertTrue(kinds.containsAll(List.of("frozen " + kind, "trained " + kind)), kinds.toString());
        }
        assertTrue(kinds.containsAll(List.of("adapted dense", "adapted out", "frozen vertex")), kinds.toString());
    }

    /** In one block, and in blocks of two examples, whose sums are kept from one to the next. */
    @Test
    void normsOfAdaptedWeightsGradientsAreTheReferencesBesideLayersThatTrain() {
        int withTrainedLayers = 0;
        try (HostMachine machine = HostMachine.open(2)) {
            for (long seed = 0; seed < NETWORKS; seed++) {
                withTrainedLayers += checkNorms(machine, RandomSequenceGraph.of(seed), "seed " + seed) ? 1 : 0;
            }
        }
        assertTrue(withTrainedLayers > NETWORKS / 6, withTrainedLayers + " with trained layers of Deeplearning4j's");
    }

    /** @return whether there are adapters, and beside them layers that train and that Deeplearning4j computes */
    private static boolean checkNorms(HostMachine machine, RandomSequenceGraph random, String where) {
        Records records = Records.of(random.data());
        GraphObjective reference = GraphObjective.of(random.graph(), records);
        double[] theta = reference.parameters();
        double[] expected = new double[theta.length];
        double[] expectedNorms = new double[reference.adapters().size()];
        double value = reference.valueAndGradient(theta, expected, expectedNorms);
        boolean beside = false;
        for (PlanSettings settings : List.of(IN_DOUBLE, IN_DOUBLE.withChunk(2))) {
            try (PlannedObjective objective = PlannedObjective.of(machine, random.graph(), records, settings)) {
                double[] found = new double[theta.length];
                double[] norms = new double[expectedNorms.length];
                assertEquals(value, objective.valueAndGradient(theta, found, norms), DOUBLE * Math.abs(value), where);
                assertTrue(Agreement.error(expected, found) <= DOUBLE, where);
                for (int k = 0; k < norms.length; k++) {
                    assertEquals(expectedNorms[k], norms[k], DOUBLE * expectedNorms[k], where + ", adapter " + k);
                }
                beside = norms.length > 0
                        && objective.network().opaque().stream()
                                .anyMatch(node -> node.operation() instanceof Operation.Opaque opaque
                                        && opaque.parameters().isPresent());
            }
        }
        return beside;
    }

    /** Kernels know these layers on pictures as little, in either order of dimensions. */
    @ParameterizedTest
    @EnumSource
    void layersOnPicturesAreTheReferencesToo(CNN2DFormat format) {
        Random random = new Random(3);
        ComputationGraph plain = initialised(SmallNetworks.builder(DataType.DOUBLE, 3)
                .addInputs("in")
                .setInputTypes(InputType.convolutional(4, 5, 2, format))
                .addLayer(
                        "below",
                        new ConvolutionLayer.Builder(1, 1)
                                .nOut(3)
                                .dataFormat(format)
                                .activation(Activation.TANH)
                                .build(),
                        "in")
                .addLayer(
                        "separable",
                        new SeparableConvolution2D.Builder(2, 2)
                                .nOut(3)
                                .dataFormat(format)
                                .activation(Activation.TANH)
                                .build(),
                        "below")
                .addLayer(
                        "norms",
                        new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.PNORM)
                                .pnorm(2)
                                .kernelSize(2, 2)
                                .stride(1, 1)
                                .dataFormat(format)
                                .build(),
                        "separable")
                .addLayer(
                        "above",
                        new ConvolutionLayer.Builder(1, 1)
                                .nOut(2)
                                .dataFormat(format)
                                .activation(Activation.TANH)
                                .build(),
                        "norms")
                .addLayer("out", output(2, LossFunction.MCXENT, Activation.SOFTMAX), "above")
                .setOutputs("out"));
        long[] shape = format == CNN2DFormat.NCHW ? new long[] {5, 2, 4, 5} : new long[] {5, 4, 5, 2};
        Records records = Records.of(new MultiDataSet(
                TestNetworks.normal(DataType.DOUBLE, random, shape),
                TestNetworks.oneHot(DataType.DOUBLE, random, 5, 2, 0)));
        ComputationGraph adapted = SmallNetworks.moved(
                SmallNetworks.adapted(plain, LoraConfig.of(1, 2).withTargets("below", "above"))
                        .graph(),
                random,
                0.3);
        assertReference(plain, records);
        assertReference(adapted, records);
    }

    private static void assertReference(ComputationGraph graph, Records records) {
        GraphObjective reference = GraphObjective.of(graph, records);
        try (HostMachine machine = HostMachine.open(2);
                PlannedObjective objective = PlannedObjective.of(machine, graph, records, IN_DOUBLE)) {
            assertTrue(objective.network().delegation().isPresent());
            Agreement.assertAgree(reference, objective, reference.parameters(), DOUBLE, "");
        }
    }

    @Test
    void a_table_of_sequences_whose_function_no_kernel_has_is_deeplearning4js() {
        RandomWordsGraph words = RandomWordsGraph.ofUnknownFunction();
        assertReference(words.graph(), Records.of(words.data()));
    }

    @ParameterizedTest
    @EnumSource
    void sequencesAreTakenInEitherOrderOfDimensions(RNNFormat format) {
        assertReference(aroundAnLstm(format), sequences(format));
        assertReference(plainAroundAnLstm(format), sequences(format));
    }

    /** Central differences along a direction, as in {@link org.amend4j.internal.cpu.HostPlansTest}. */
    @Test
    void gradientsAreThoseOfTheValues() {
        double h = 1e-5;
        try (HostMachine machine = HostMachine.open(2)) {
            for (long seed = 0; seed < Exhaustive.times(8, 20); seed++) {
                RandomSequenceGraph random = RandomSequenceGraph.of(seed);
                try (PlannedObjective objective =
                        PlannedObjective.of(machine, random.graph(), Records.of(random.data()), IN_DOUBLE)) {
                    double[] theta = objective.parameters();
                    double[] gradient = new double[theta.length];
                    double value = objective.valueAndGradient(theta, gradient);
                    double[] direction =
                            new Random(seed).doubles(theta.length, -1, 1).toArray();
                    double slope =
                            (objective.value(moved(theta, direction, h)) - objective.value(moved(theta, direction, -h)))
                                    / (2 * h);
                    double expected = IntStream.range(0, theta.length)
                            .mapToDouble(k -> gradient[k] * direction[k])
                            .sum();
                    double tolerance = 1e-7 * Agreement.norm(gradient) * Agreement.norm(direction)
                            + 8 * 0x1p-52 * Math.abs(value) / h;
                    assertEquals(slope, expected, tolerance, seed + " " + random.kinds());
                }
            }
        }
    }

    private static double[] moved(double[] theta, double[] direction, double by) {
        return IntStream.range(0, theta.length)
                .mapToDouble(k -> theta[k] + by * direction[k])
                .toArray();
    }

    @Test
    void noNumberOfThreadsChangesABitAndNoSizeOfBlocksMoreThanThat() {
        for (long seed = 0; seed < 6; seed++) {
            RandomSequenceGraph random = RandomSequenceGraph.of(seed);
            double[][] gradients = new double[4]
                    [random.graph().numParams() == 0 ? 0 : (int) random.graph().numParams()];
            for (int threads = 1; threads <= 3; threads++) {
                gradient(random, threads, IN_DOUBLE.withChunk(2), gradients[threads - 1]);
            }
            gradient(random, 2, IN_DOUBLE, gradients[3]);
            assertArrayEquals(gradients[0], gradients[1], 0);
            assertArrayEquals(gradients[0], gradients[2], 0);
            assertTrue(Agreement.error(gradients[0], gradients[3]) <= DOUBLE);
        }
    }

    private static void gradient(RandomSequenceGraph random, int threads, PlanSettings settings, double[] into) {
        try (HostMachine machine = HostMachine.open(threads);
                PlannedObjective objective =
                        PlannedObjective.of(machine, random.graph(), Records.of(random.data()), settings)) {
            objective.valueAndGradient(objective.parameters(), into);
        }
    }

    /** Also of full batches, which are recorded and replayed. In double: each step rounds a few hundred times. */
    @Test
    void stepsAreThoseOfFit() {
        for (IUpdater updater : new IUpdater[] {new Sgd(0.1), new Adam(0.01)}) {
            for (long seed = 0; seed < Exhaustive.times(4, 12); seed++) {
                RandomSequenceGraph random = RandomSequenceGraph.of(seed, updater);
                ComputationGraph graph = random.graph();
                ComputationGraph fitted = graph.clone();
                int[] all = IntStream.range(
                                0, (int) random.data().getFeatures(0).size(0))
                        .toArray();
                double[] start = ParameterVectors.of(graph);
                try (HostMachine machine = HostMachine.open(2);
                        PlannedTraining training = PlannedTraining.of(
                                machine, graph, Records.of(random.data()), all.length, Arithmetic.DOUBLE)) {
                    for (int step = 0; step < 4; step++) {
                        training.step(all);
                        fitted.fit(random.data());
                        assertEquals(fitted.score(), training.loss(), 1e-9 * Math.abs(fitted.score()));
                    }
                    assertArrayEquals(start, ParameterVectors.of(graph), 0, "until it is told to");
                    training.copyInto(graph);
                }
                double apart = distance(ParameterVectors.of(fitted), ParameterVectors.of(graph));
                assertTrue(apart <= 1e-8 * distance(start, ParameterVectors.of(graph)), seed + " " + random.kinds());
                random.model().base().verifyUnchanged();
            }
        }
    }

    /** in(3 x 4 steps) → both (bidirectional) → out, trained in full. */
    private static ComputationGraph bidirectional(Consumer<LSTM.Builder> inner, Consumer<GraphBuilder> all) {
        LSTM.Builder lstm = new LSTM.Builder().nIn(3).nOut(3);
        inner.accept(lstm);
        GraphBuilder builder = SmallNetworks.builder(DataType.DOUBLE, 1)
                .addInputs("in")
                .setInputTypes(InputType.recurrent(3, 4))
                .addLayer("both", new Bidirectional(Bidirectional.Mode.ADD, lstm.build()), "in")
                .addLayer(
                        "out",
                        new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "both")
                .setOutputs("out");
        all.accept(builder);
        return initialised(builder);
    }

    @Test
    void gradientsOfBothDirectionsAreShortenedAsByFit() {
        for (GradientNormalization limit :
                List.of(GradientNormalization.ClipL2PerLayer, GradientNormalization.ClipL2PerParamType)) {
            ComputationGraph graph =
                    bidirectional(b -> b.gradientNormalization(limit).gradientNormalizationThreshold(0.01), b -> {});
            ComputationGraph fitted = graph.clone();
            double[] start = ParameterVectors.of(graph);
            try (HostMachine machine = HostMachine.open(2);
                    PlannedTraining training = PlannedTraining.of(machine, graph, sequences(), 5, Arithmetic.DOUBLE)) {
                training.step(0, 1, 2, 3, 4);
                training.copyInto(graph);
            }
            fitted.fit(sequences().all());
            double apart = distance(ParameterVectors.of(fitted), ParameterVectors.of(graph));
            // a norm counts as up to a millionth longer than it is
            assertTrue(apart <= 2e-6 * distance(start, ParameterVectors.of(graph)), limit + ": " + apart);
        }
    }

    @Test
    void whatFitDoesBesideAStepIsRefusedAlsoInsideOfALayer() {
        assertRefused(
                "trains without constraints",
                bidirectional(b -> b.constrainWeights(new MaxNormConstraint(0.1, 1)), b -> {}),
                sequences());
        assertRefused(
                "the graph has TruncatedBPTT",
                bidirectional(
                        b -> {}, b -> b.backpropType(BackpropType.TruncatedBPTT).tBPTTLength(2)),
                sequences());
    }

    private static double distance(double[] one, double[] other) {
        return Agreement.norm(moved(one, other, -1));
    }

    private static ComputationGraph around(Layer layer) {
        return initialised(SmallNetworks.builder(DataType.DOUBLE, 1)
                .addInputs("in")
                .addLayer("below", dense(3, 4, Activation.TANH), "in")
                .addLayer("odd", layer, "below")
                .addLayer("out", output(4, 2, LossFunction.MCXENT, Activation.SOFTMAX), "odd")
                .setOutputs("out"));
    }

    private static Records rows() {
        Random random = new Random(1);
        return Records.of(new MultiDataSet(
                TestNetworks.normal(DataType.DOUBLE, random, 5, 3),
                TestNetworks.oneHot(DataType.DOUBLE, random, 5, 2, 0)));
    }

    /** in(3 x 4 steps) → below (dense) → lstm → out, with an adapter on {@code below}. */
    private static ComputationGraph aroundAnLstm() {
        return aroundAnLstm(RNNFormat.NCW);
    }

    private static ComputationGraph aroundAnLstm(RNNFormat format) {
        return SmallNetworks.moved(
                SmallNetworks.adapted(
                                plainAroundAnLstm(format), LoraConfig.of(2, 4).withTargets("below"))
                        .graph(),
                new Random(1),
                0.3);
    }

    private static ComputationGraph plainAroundAnLstm() {
        return plainAroundAnLstm(RNNFormat.NCW);
    }

    private static ComputationGraph plainAroundAnLstm(RNNFormat format) {
        return initialised(SmallNetworks.builder(DataType.DOUBLE, 1)
                .addInputs("in")
                .setInputTypes(InputType.recurrent(3, 4, format))
                .addLayer("below", dense(3, 4, Activation.TANH), "in")
                .addLayer("lstm", new LSTM.Builder().nOut(3).dataFormat(format).build(), "below")
                .addLayer(
                        "out",
                        new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .dataFormat(format)
                                .build(),
                        "lstm")
                .setOutputs("out"));
    }

    private static Records sequences() {
        return sequences(RNNFormat.NCW);
    }

    private static Records sequences(RNNFormat format) {
        Random random = new Random(1);
        INDArray features = TestNetworks.normal(DataType.DOUBLE, random, 5, 3, 4);
        INDArray labels = TestNetworks.oneHot(DataType.DOUBLE, random, 5, 2, 4);
        return Records.of(
                format == RNNFormat.NCW
                        ? new MultiDataSet(features, labels)
                        : new MultiDataSet(
                                features.permute(0, 2, 1).dup(),
                                labels.permute(0, 2, 1).dup()));
    }

    /** Together below and above a frozen layer, one by one where one trains: a part in a million less, which weights may be wrong by. */
    @Test
    void sharesAroundAFrozenLayerAndOfATrainedOneAreClipped() {
        double bound = 0.01;
        try (HostMachine machine = HostMachine.open(2)) {
            for (ComputationGraph graph : List.of(aroundAnLstm(), plainAroundAnLstm())) {
                GraphObjective reference = GraphObjective.of(graph, sequences());
                try (PlannedObjective objective = PlannedObjective.of(machine, graph, sequences(), IN_DOUBLE)) {
                    double[] expected = meanOfClipped(reference, bound);
                    double[] found = new double[reference.dimension()];
                    objective.clipped(Clipping.perRecord(bound)).valueAndGradient(reference.parameters(), found);
                    assertTrue(Agreement.error(expected, found) <= 2e-6);
                }
            }
        }
    }

    /** Subject 1 has two records, subject 2 three. */
    @Test
    void subjectsAroundAFrozenLayerAndOfATrainedOneAreClippedAsTheReferences() {
        Clipping clipping = Clipping.perSubject(0.01);
        Records records = sequences().ownedBy(2, 1, 2, 1, 2);
        try (HostMachine machine = HostMachine.open(2)) {
            for (ComputationGraph graph : List.of(aroundAnLstm(), plainAroundAnLstm())) {
                GraphObjective reference = GraphObjective.of(graph, records);
                try (PlannedObjective objective = PlannedObjective.of(machine, graph, records, IN_DOUBLE)) {
                    Agreement.assertAgree(
                            ClippedByDefinition.of(reference, records, clipping),
                            objective.clipped(clipping),
                            reference.parameters(),
                            2e-6,
                            graph.getConfiguration().getNetworkInputs() + "");
                }
            }
        }
    }

    private static double[] meanOfClipped(GraphObjective objective, double bound) {
        double[] mean = new double[objective.dimension()];
        for (long record : objective.records().stream().toArray()) {
            double[] own = new double[mean.length];
            objective.restrictedTo(RecordIds.of(record)).valueAndGradient(objective.parameters(), own);
            double weight = Math.min(1, bound / Agreement.norm(own))
                    / objective.records().size();
            mean = moved(mean, own, weight);
        }
        return mean;
    }

    @Test
    void anAdapterInsideOfWhatDeeplearning4jComputesIsTrainedButIsNoObjective() {
        ComputationGraph plain =
                TestNetworks.recurrent(DataType.DOUBLE, org.deeplearning4j.nn.conf.ConvolutionMode.Same, 3);
        ComputationGraph graph = SmallNetworks.adapted(
                        plain, LoraConfig.of(2, 4).withTargets("conv"))
                .graph();
        Random random = new Random(2);
        MultiDataSet data = new MultiDataSet(
                TestNetworks.normal(DataType.DOUBLE, random, 5, 3, 8),
                TestNetworks.oneHot(DataType.DOUBLE, random, 5, 3, 8));
        try (HostMachine machine = HostMachine.open(2)) {
            refused(
                    UnsupportedNetworkException.class,
                    "'conv'",
                    () -> PlannedObjective.of(machine, graph, Records.of(data), IN_DOUBLE));
            assertEquals(0, machine.bytesInUse());
            ComputationGraph fitted = graph.clone();
            fitted.fit(data);
            try (PlannedTraining training =
                    PlannedTraining.of(machine, graph, Records.of(data), 5, Arithmetic.DOUBLE)) {
                training.step(0, 1, 2, 3, 4);
                training.copyInto(graph);
            }
            double[] expected = ParameterVectors.of(fitted);
            assertTrue(distance(expected, ParameterVectors.of(graph)) <= 1e-12 * Agreement.norm(expected));
        }
    }

    @Test
    void aGraphThatIsOnlyUsedStaysAsItIs() {
        ComputationGraph graph = plainAroundAnLstm();
        Records records = sequences();
        INDArray features = records.all().getFeatures(0);
        double[] expected = graph.outputSingle(features).dup('c').data().asDouble();
        graph.rnnTimeStep(features);
        INDArray state = graph.rnnGetPreviousState("lstm").get("prevAct").dup();
        Network network = NetworkReader.inference(graph, PlacedRecords.exampleShapes(records), Scope.ANY);
        assertEquals(
                List.of("lstm"), network.opaque().stream().map(Node::vertex).toList());
        try (HostMachine machine = HostMachine.open(2);
                PlanSession session = PlanSession.open(machine, network, Arithmetic.DOUBLE, 5);
                PlacedRecords there = new PlacedRecords(machine, ElementType.DOUBLE, records, network, 5)) {
            int[] all = {0, 1, 2, 3, 4};
            double[] found =
                    session.outputs(there.batch(all, 0, 5, Optional.empty())).get(0);
            assertArrayEquals(expected, found, 1e-14);
        }
        assertNull(graph.getLayer("lstm").input());
        assertEquals(state, graph.rnnGetPreviousState("lstm").get("prevAct"));
    }

    @Test
    void aFrozenPrefixWithARecurrentLayerIsTheCompiledOne() {
        ComputationGraph plain = plainAroundAnLstm();
        AdaptedModel model = SmallNetworks.adapted(plain, LoraConfig.of(1, 2).withTargets("out"));
        INDArray features = sequences().all().getFeatures(0);
        HostPrefix program = model.prefix().orElseThrow();
        INDArray expected = program.run(features)[0];
        try (HostMachine machine = HostMachine.open(2);
                PlannedPrefix prefix =
                        PlannedPrefix.of(machine, plain, program.outputs(), Arithmetic.SINGLE, 2, features)) {
            INDArray found = prefix.run(features)[0];
            assertArrayEquals(expected.shape(), found.shape());
            // three layers of a few terms, in single precision
            assertEquals(0, expected.sub(found).amaxNumber().doubleValue(), 1e-6);
        }
    }

    /** A user's layer without parameters. */
    public abstract static class UserLayer extends ActivationLayer {

        private static final long serialVersionUID = 1L;

        UserLayer() {
            super(Activation.TANH);
        }

        abstract org.deeplearning4j.nn.api.Layer running(NeuralNetConfiguration conf, DataType type);

        @Override
        public org.deeplearning4j.nn.api.Layer instantiate(
                NeuralNetConfiguration conf,
                Collection<TrainingListener> listeners,
                int index,
                INDArray parameters,
                boolean initialize,
                DataType type) {
            return running(conf, type);
        }
    }

    /** Its backward pass fails. */
    public static final class FailingLayer extends UserLayer {

        private static final long serialVersionUID = 1L;

        @Override
        org.deeplearning4j.nn.api.Layer running(NeuralNetConfiguration conf, DataType type) {
            return new org.deeplearning4j.nn.layers.ActivationLayer(conf, type) {
                @Override
                public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
                    throw new UnsupportedOperationException("no way back");
                }
            };
        }
    }

    @Test
    void whatAUsersLayerThrowsComesOutWithItsNameAndChangesNothing() {
        ComputationGraph graph = around(new FailingLayer());
        double[] before = ParameterVectors.of(graph);
        try (HostMachine machine = HostMachine.open(2)) {
            IllegalStateException failure = assertThrows(
                    IllegalStateException.class,
                    () -> PlannedTraining.of(machine, graph, rows(), 5, Arithmetic.DOUBLE));
            assertEquals("Deeplearning4j failed at vertex 'odd': no way back", failure.getMessage());
        }
        assertArrayEquals(before, ParameterVectors.of(graph), 0);
    }

    /** Each example's sum with the mean of all. */
    public static final class MixingLayer extends UserLayer {

        private static final long serialVersionUID = 1L;

        @Override
        org.deeplearning4j.nn.api.Layer running(NeuralNetConfiguration conf, DataType type) {
            return new org.deeplearning4j.nn.layers.ActivationLayer(conf, type) {
                @Override
                public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
                    return workspaces.leverageTo(ArrayType.ACTIVATIONS, input.addRowVector(input.mean(0)));
                }
            };
        }
    }

    @Test
    void whatMixesExamplesIsRefused() {
        ComputationGraph mixing = around(new MixingLayer());
        assertRefused("vertex 'odd'", mixing, rows());
        assertRefused(
                "layer 'odd'", around(new BatchNormalization.Builder().nOut(4).build()), rows());
        ComputationGraph stacked = initialised(SmallNetworks.builder(DataType.DOUBLE, 1)
                .addInputs("in")
                .addLayer("below", dense(3, 4, Activation.TANH), "in")
                .addVertex("stack", new StackVertex(), "below", "below")
                .addLayer("both", dense(4, 4, Activation.TANH), "stack")
                .addVertex("first", new UnstackVertex(0, 2), "both")
                .addLayer("out", output(4, 2, LossFunction.MCXENT, Activation.SOFTMAX), "first")
                .setOutputs("out"));
        assertRefused("vertex 'stack'", stacked, rows());
    }

    private static void assertRefused(String why, ComputationGraph graph, Records records) {
        try (HostMachine machine = HostMachine.open(1)) {
            refused(
                    UnsupportedNetworkException.class,
                    why,
                    () -> PlannedTraining.of(machine, graph, records, 5, Arithmetic.DOUBLE));
            assertEquals(0, machine.bytesInUse());
        }
    }

    /** What a device does: it names the vertex. */
    @Test
    void machinesThatDoNotCallOutAreToldWhichVertexItIs() {
        ComputationGraph twin =
                ObservedGraph.of(aroundAnLstm(), TrainingExtras.REFUSE).graph();
        refused(
                UnsupportedNetworkException.class,
                "vertex 'lstm' cannot be computed by a plan: it is an LSTM",
                () -> NetworkReader.training(twin, List.<long[]>of(new long[] {3, 4}), Scope.KNOWN));
    }
}
