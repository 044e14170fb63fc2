/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.prefix;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.model.BaseModel;
import org.amend4j.model.UnsupportedNetworkException;
import org.amend4j.prefix.HostPrefix;
import org.amend4j.prefix.Prefix;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.LawMachines;
import org.amend4j.testkit.RandomImageGraph;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.PreprocessorVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.dataset.adapter.SingletonMultiDataSetIterator;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

class PlannedPrefixTest {

    /**
     * Of the largest activation. A value goes through at most 12 sums of at most 60 terms one after the other; with u = 2⁻²⁴,
     * roundings that point anywhere make 12·√60·u = 6e-6 in a bad case. Folded batch norms and Deeplearning4j's float layers round
     * as often again.
     */
    private static final double TOLERANCE = 2e-5;

    private static PlannedPrefix prefix(
            Machine device,
            ComputationGraph graph,
            ProductPrecision precision,
            int batch,
            INDArray[] features,
            String... cut) {
        return PlannedPrefix.of(device, graph, List.of(cut), Arithmetic.single(precision), batch, features);
    }

    /** The largest difference by the largest value. */
    private static double error(INDArray expected, INDArray actual) {
        assertArrayEquals(expected.shape(), actual.shape());
        assertEquals(expected.dataType(), actual.dataType());
        double difference = expected.castTo(DataType.DOUBLE)
                .sub(actual.castTo(DataType.DOUBLE))
                .amaxNumber()
                .doubleValue();
        return difference / Math.max(1e-30, expected.amaxNumber().doubleValue());
    }

    private static double error(INDArray[] expected, INDArray[] actual) {
        assertEquals(expected.length, actual.length);
        double most = 0;
        for (int k = 0; k < expected.length; k++) {
            most = Math.max(most, error(expected[k], actual[k]));
        }
        return most;
    }

    /** One or two vertices below the outputs. */
    private static String[] cut(ComputationGraph graph, Random random) {
        List<String> names =
                new ArrayList<>(graph.getConfiguration().getVertices().keySet());
        names.removeAll(graph.getConfiguration().getNetworkOutputs());
        return random.ints(1 + random.nextInt(2), 0, names.size())
                .mapToObj(names::get)
                .distinct()
                .toArray(String[]::new);
    }

    /** Of a network with other weights, as if a plan had read them wrongly. */
    @ParameterizedTest
    @EnumSource(
            value = ProductPrecision.class,
            names = {"FP32", "BF16"})
    void aPlanWhoseValuesAreNotThoseOfTheLayersIsNone(ProductPrecision precision) {
        ComputationGraph graph = TestNetworks.dense(DataType.FLOAT, 1);
        String hidden = graph.getConfiguration().getTopologicalOrderStr().get(1);
        long width = graph.getVertex(hidden).getLayer().getParam("W").size(0);
        INDArray rows = TestNetworks.normal(DataType.FLOAT, new Random(5), 3, width);
        try (HostMachine machine = HostMachine.open(1)) {
            assumeTrue(machine.frozenPrecisions().contains(precision));
            Arithmetic arithmetic = Arithmetic.frozenIn(precision);
            LayerPrefix own = new LayerPrefix(graph, List.of(hidden));
            PlannedPrefix.resting(machine, graph, own, arithmetic, rows).close();
            LayerPrefix other = new LayerPrefix(TestNetworks.dense(DataType.FLOAT, 2), List.of(hidden));
            UnsupportedNetworkException refused = assertThrows(
                    UnsupportedNetworkException.class,
                    () -> PlannedPrefix.resting(machine, graph, other, arithmetic, rows));
            assertTrue(
                    refused.getMessage().matches(".* of the first example differs by .* from what Deeplearning4j .*"),
                    refused.getMessage());
        }
    }

    /** Where no convolution says where channels are, the flattening does, as in Keras' Flatten on pictures of three colours. */
    @ParameterizedTest
    @CsvSource({"NHWC, false", "NHWC, true", "NCHW, false", "NCHW, true"})
    void picturesThatOnlyTheirFlatteningOrdersHaveItsOrder(CNN2DFormat format, boolean vertex) {
        CnnToFeedForwardPreProcessor flat = new CnnToFeedForwardPreProcessor(4, 5, 3, format);
        ComputationGraphConfiguration.GraphBuilder builder = new NeuralNetConfiguration.Builder()
                .seed(3)
                .dataType(DataType.DOUBLE)
                .graphBuilder()
                .addInputs("in")
                .addLayer("curve", new ActivationLayer(Activation.TANH), "in");
        DenseLayer dense = new DenseLayer.Builder()
                .nIn(60)
                .nOut(7)
                .activation(Activation.TANH)
                .build();
        if (vertex) {
            builder.addVertex("flat", new PreprocessorVertex(flat), "curve").addLayer("dense", dense, "flat");
        } else {
            builder.addLayer("dense", dense, flat, "curve");
        }
        ComputationGraph graph = new ComputationGraph(
                builder.addLayer("out", new OutputLayer.Builder().nIn(7).nOut(2).build(), "dense")
                        .setOutputs("out")
                        .build());
        graph.init();
        INDArray[] features = {
            Nd4j.rand(DataType.DOUBLE, format == CNN2DFormat.NHWC ? new int[] {6, 4, 5, 3} : new int[] {6, 3, 4, 5})
        };
        INDArray[] expected = new LayerPrefix(graph, List.of("dense")).run(features);
        try (Machine device = LawMachines.plain();
                PlannedPrefix prefix = prefix(device, graph, ProductPrecision.FP32, 6, features, "dense")) {
            double error = error(expected, prefix.run(features));
            assertTrue(error <= TOLERANCE, () -> "" + error);
        }
    }

    /** In double by Deeplearning4j's layers, in float on the machine; images of both layouts, several inputs, cuts that others read. */
    @Test
    void aPrefixOnAMachineIsDeeplearning4jsUpToRoundingInItsShapesAndLayout() {
        Set<Integer> ranks = new HashSet<>();
        try (Machine device = LawMachines.plain()) {
            for (long seed = 0; seed < Exhaustive.times(20, 60); seed++) {
                RandomImageGraph drawn = RandomImageGraph.of(seed);
                INDArray[] features = drawn.data().getFeatures();
                String[] cut = cut(drawn.plain(), new Random(seed));
                INDArray[] expected = new LayerPrefix(drawn.plain(), List.of(cut)).run(features);
                try (PlannedPrefix prefix = prefix(device, drawn.plain(), ProductPrecision.FP32, 3, features, cut)) {
                    double error = error(expected, prefix.run(features));
                    assertTrue(error <= TOLERANCE, "seed " + seed + ", " + List.of(cut) + ": " + error);
                    Stream.of(expected).forEach(array -> ranks.add(array.rank()));
                }
            }
            assertEquals(0, device.bytesInUse());
        }
        assertEquals(Set.of(2, 4), ranks);
    }

    /** Convolutions on images with channels first, then one that leaves a single pixel, then a dense layer; in float. */
    private static ComputationGraph convolutional() {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(4)
                .graphBuilder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(6, 5, 2, CNN2DFormat.NCHW))
                .addLayer("conv", convolution(3, 3, 7).build(), "in")
                .addLayer("norm", new BatchNormalization(), "conv")
                .addLayer(
                        "pixel",
                        convolution(6, 5, 4)
                                .convolutionMode(ConvolutionMode.Truncate)
                                .build(),
                        "norm")
                .addLayer(
                        "dense",
                        new DenseLayer.Builder()
                                .nOut(3)
                                .activation(Activation.TANH)
                                .build(),
                        "pixel")
                .addLayer("strange", new LocalResponseNormalization.Builder().build(), "norm")
                .addLayer("above", convolution(1, 1, 2).build(), "strange")
                .addLayer("out", output(), "dense")
                .addLayer("also", output(), "above")
                .setOutputs("out", "also")
                .build());
        graph.init();
        return graph;
    }

    private static ConvolutionLayer.Builder convolution(int height, int width, int outputs) {
        return new ConvolutionLayer.Builder(height, width)
                .nOut(outputs)
                .convolutionMode(ConvolutionMode.Same)
                .activation(Activation.RELU);
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder(LossFunction.MSE)
                .nOut(2)
                .activation(Activation.IDENTITY)
                .build();
    }

    private static INDArray[] images(int examples) {
        return new INDArray[] {TestNetworks.normal(DataType.FLOAT, new Random(8), examples, 2, 6, 5)};
    }

    /** Seven examples three at a time; one pixel stays an image; of what is not needed nothing is looked at. */
    @Test
    void aBatchIsComputedInPiecesAndWhatIsAboveTheCutNeedNotBeComputable() {
        ComputationGraph graph = convolutional();
        BaseModel base = BaseModel.of(graph);
        INDArray[] features = images(7);
        INDArray before = features[0].dup();
        String[] cut = {"norm", "pixel", "dense", "conv"};
        INDArray[] expected = new LayerPrefix(graph, List.of(cut)).run(features);
        assertArrayEquals(new long[] {7, 4, 1, 1}, expected[1].shape());
        try (Machine device = LawMachines.checking();
                PlannedPrefix prefix = prefix(device, graph, ProductPrecision.FP32, 3, features, cut)) {
            assertTrue(error(expected, prefix.run(features)) <= TOLERANCE);
            assertTrue(error(expected, prefix.run(features)) <= TOLERANCE, "and once more");
        }
        assertEquals(before, features[0]);
        base.verifyUnchanged();
    }

    /** The twin of the tolerance: factors rounded to eleven bits are outside of it. */
    @Test
    void anotherPrecisionIsNoticed() {
        assumeFalse(LawMachines.isHost(), "the host has one precision");
        ComputationGraph graph = convolutional();
        INDArray[] features = images(7);
        INDArray[] expected = new LayerPrefix(graph, List.of("dense", "conv")).run(features);
        try (Machine device = LawMachines.plain();
                PlannedPrefix prefix = prefix(device, graph, ProductPrecision.TF32, 7, features, "dense", "conv")) {
            double error = error(expected, prefix.run(features));
            assertTrue(error > TOLERANCE && error < 1e-2, "error " + error);
        }
    }

    @Test
    void whatADeviceCannotComputeIsNamedBeforeAnythingIsSent() {
        assumeFalse(LawMachines.isHost(), "on the host Deeplearning4j computes it within the plan");
        ComputationGraph graph = convolutional();
        try (Machine device = LawMachines.plain()) {
            refused(
                    "vertex 'strange' cannot be computed by a plan: it is a LocalResponseNormalization",
                    () -> prefix(device, graph, ProductPrecision.FP32, 3, images(1), "above"));
            assertEquals(0, device.bytesInUse());
        }
    }

    @Test
    void examplesHaveOneShape() {
        try (Machine device = LawMachines.plain();
                PlannedPrefix prefix = prefix(device, convolutional(), ProductPrecision.FP32, 3, images(1), "dense")) {
            INDArray other = TestNetworks.normal(DataType.FLOAT, new Random(1), 4, 2, 5, 6);
            refused("at least one example of the shape [2, 6, 5], got shape [4, 2, 5, 6]", () -> prefix.run(other));
            refused("the network takes 1 inputs, got 0", () -> prefix.run());
        }
    }

    @Test
    void aCacheTellsTheHostTheDeviceAndItsPrecisionsApart(@TempDir Path folder) throws Exception {
        assumeFalse(LawMachines.isHost(), "the host has one precision");
        ComputationGraph graph = convolutional();
        String fingerprint = BaseModel.of(graph).fingerprint().hex();
        INDArray[] features = images(5);
        PrefixCache cache = PrefixCache.at(folder, 1 << 20);
        try (Machine device = LawMachines.plain();
                PlannedPrefix single = prefix(device, graph, ProductPrecision.FP32, 2, features, "conv");
                PlannedPrefix rounded = prefix(device, graph, ProductPrecision.TF32, 2, features, "conv")) {
            List<Prefix> all = List.of(HostPrefix.of(graph, List.of("conv")), single, rounded);
            for (boolean computed : new boolean[] {true, false}) {
                List<INDArray> activations = new ArrayList<>();
                for (Prefix prefix : all) {
                    try (CachedData data = cache.compute(prefix, fingerprint, batches(features), done -> {})) {
                        assertEquals(computed, data.computed(), prefix.origin());
                        activations.add(data.inOrder(5).next().getFeatures(0));
                    }
                }
                assertTrue(error(activations.get(0), activations.get(1)) <= TOLERANCE);
                assertTrue(error(activations.get(0), activations.get(2)) > TOLERANCE);
            }
            assertNotEquals(single.origin(), rounded.origin());
            assertTrue(single.origin().contains(device.name()), single.origin());
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertEquals(3, files.count());
        }
    }

    private static MultiDataSetIterator batches(INDArray[] features) {
        INDArray labels = TestNetworks.normal(DataType.FLOAT, new Random(2), features[0].size(0), 2);
        return new SingletonMultiDataSetIterator(new MultiDataSet(features, new INDArray[] {labels}));
    }
}
