/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.prefix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.model.Configurations;
import org.amend4j.internal.onednn.OneDnn;
import org.amend4j.internal.prefix.PlannedPrefix;
import org.amend4j.testkit.OneIn;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.StackVertex;
import org.deeplearning4j.nn.conf.graph.UnstackVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/** Laws of prefixes on the CPU: they equal DL4J's own forward pass, by a plan or by its layers, and change nothing. */
@OneIn(3)
class HostPrefixTest {

    private static final ConvolutionMode[] MODES = {ConvolutionMode.Same, ConvolutionMode.Truncate};

    static LongStream seeds() {
        return LongStream.range(0, 24);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aConvolutionOfAnyGeometryEqualsDl4js(long seed) {
        Case c = new Case(seed);
        ConvolutionLayer layer = c.geometry(new ConvolutionLayer.Builder())
                .nOut(1 + c.random.nextInt(9))
                .hasBias(c.random.nextBoolean())
                .dataFormat(c.format)
                .build();
        c.check(c.builder().addLayer("conv", layer, "in"), "conv");
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aDepthwiseConvolutionOfAnyGeometryEqualsDl4js(long seed) {
        Case c = new Case(seed);
        // DL4J's own fails on some dilated ones with channels first
        int dilation = c.format == CNN2DFormat.NCHW ? 1 : c.dilation;
        DepthwiseConvolution2D layer = c.geometry(new DepthwiseConvolution2D.Builder())
                .dilation(dilation, dilation)
                .depthMultiplier(1 + c.random.nextInt(3))
                .hasBias(c.random.nextBoolean())
                .dataFormat(c.format)
                .build();
        c.check(c.builder().addLayer("conv", layer, "in"), "conv");
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aSeparableConvolutionOfAnyGeometryEqualsDl4js(long seed) {
        Case c = Case.withSeveralChannels(seed);
        SeparableConvolution2D layer = c.geometry(new SeparableConvolution2D.Builder())
                .depthMultiplier(1 + c.random.nextInt(2))
                .nOut(1 + c.random.nextInt(9))
                .dataFormat(c.format)
                .build();
        c.check(c.builder().addLayer("conv", layer, "in"), "conv");
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void anInvertedResidualBlockEqualsDl4jsAtEveryVertex(long seed) {
        Case c = new Case(seed);
        GraphBuilder builder = c.builder();
        block(builder, c);
        ComputationGraph network = Graphs.init(builder.setOutputs("out"), seed);
        INDArray input = c.input(3);
        for (String cut : List.of("expandRelu", "depthRelu", "projectNorm", "add", "merge", "pool", "dense")) {
            HostPrefix prefix = HostPrefix.of(network, List.of(cut));
            double roundings = Graphs.roundings(Graphs.stock(network, cut, input), prefix.run(input)[0]);
            assertTrue(roundings <= Graphs.TOLERANCE, cut + " is off by " + roundings + " roundings");
        }
    }

    private static void block(GraphBuilder builder, Case c) {
        ActivationReLU relu6 = new ActivationReLU(6.0, c.random.nextBoolean() ? 0.0 : null, null);
        boolean logStd = c.random.nextBoolean();
        builder.addLayer("stem", point(c, 4), "in")
                .addLayer("expand", point(c, 12), "stem")
                .addLayer("expandNorm", norm(c, logStd), "expand")
                .addLayer("expandRelu", new ActivationLayer(relu6), "expandNorm")
                .addLayer("pad", padding(c), "expandRelu")
                .addLayer(
                        "depth",
                        new DepthwiseConvolution2D.Builder(3, 3)
                                .convolutionMode(ConvolutionMode.Truncate)
                                .dataFormat(c.format)
                                .activation(Activation.IDENTITY)
                                .hasBias(false)
                                .build(),
                        "pad")
                .addLayer("depthNorm", norm(c, logStd), "depth")
                .addLayer("depthRelu", new ActivationLayer(Activation.RELU6), "depthNorm")
                .addLayer("project", point(c, 4), "depthRelu")
                .addLayer("projectNorm", norm(c, logStd), "project")
                .addVertex("add", new ElementWiseVertex(ElementWiseVertex.Op.Add), "stem", "projectNorm")
                .addVertex("merge", new MergeVertex(), "add", "stem")
                .addLayer("drop", new DropoutLayer.Builder(0.5).build(), "merge")
                .addLayer("pool", new GlobalPoolingLayer(c.pooling), "drop")
                .addLayer("dense", dense(7, Activation.IDENTITY), "pool")
                .addLayer("out", output(), "dense");
    }

    /** Images of the smallest case have 5 pixels: something is left. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void upsamplingAndCroppingEqualDl4js(long seed) {
        Case c = new Case(seed);
        Random random = c.random;
        int[] factors = {1 + random.nextInt(3), 1 + random.nextInt(3)};
        GraphBuilder builder = c.builder()
                .addLayer("conv", point(c, 1 + random.nextInt(9)), "in")
                .addLayer("relu", new ActivationLayer(Activation.RELU), "conv")
                .addLayer(
                        "up",
                        new Upsampling2D.Builder(1)
                                .size(factors)
                                .dataFormat(c.format)
                                .build(),
                        "relu")
                .addLayer(
                        "crop",
                        new Cropping2D(
                                c.format, random.nextInt(2), random.nextInt(3), random.nextInt(3), random.nextInt(2)),
                        "up")
                .addLayer("last", point(c, 3), "crop")
                .addLayer("pool", new GlobalPoolingLayer(c.pooling), "last")
                .addLayer("out", output(), "pool");
        ComputationGraph network = Graphs.init(builder.setOutputs("out"), seed);
        INDArray input = c.input(3);
        for (String cut : List.of("up", "crop", "last")) {
            HostPrefix prefix = HostPrefix.of(network, List.of(cut));
            double roundings = Graphs.roundings(Graphs.stock(network, cut, input), prefix.run(input)[0]);
            assertTrue(roundings <= Graphs.TOLERANCE, cut + " is off by " + roundings + " roundings");
        }
    }

    private static ConvolutionLayer point(Case c, int out) {
        return new ConvolutionLayer.Builder(1, 1)
                .nOut(out)
                .dataFormat(c.format)
                .activation(Activation.IDENTITY)
                .build();
    }

    private static BatchNormalization norm(Case c, boolean logStd) {
        return new BatchNormalization.Builder()
                .useLogStd(logStd)
                .dataFormat(c.format)
                .build();
    }

    private static ZeroPaddingLayer padding(Case c) {
        return new ZeroPaddingLayer.Builder(new int[] {0, 2, 1, 1})
                .dataFormat(c.format)
                .build();
    }

    private static OutputLayer output() {
        return new OutputLayer.Builder(LossFunctions.LossFunction.MSE)
                .nOut(2)
                .activation(Activation.SOFTMAX)
                .build();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void aDenseNetworkWithTwoInputsAndTwoCutsEqualsDl4js(long seed) {
        Random random = new Random(seed);
        Activation[] activations = {
            Activation.RELU, Activation.SIGMOID, Activation.LEAKYRELU, Activation.ELU, Activation.SWISH, Activation.CUBE
        };
        int width = 1 + random.nextInt(40);
        GraphBuilder builder = Graphs.builder(seed)
                .addInputs("a", "b")
                .addLayer("first", dense(width, activations[random.nextInt(6)]), "a")
                .addLayer(
                        "norm",
                        new BatchNormalization.Builder()
                                .useLogStd(random.nextBoolean())
                                .build(),
                        "first")
                .addLayer("second", dense(width, activations[random.nextInt(6)]), "b")
                .addLayer(
                        "plain",
                        new DenseLayer.Builder()
                                .nOut(5)
                                .hasBias(false)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "second")
                .addLayer("plainNorm", new BatchNormalization.Builder().build(), "plain")
                .addVertex("merge", new MergeVertex(), "norm", "plainNorm")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "norm", "second", "norm")
                .addLayer("out", output(), "merge")
                .addLayer("out2", output(), "sum")
                .setOutputs("out", "out2")
                .setInputTypes(InputType.feedForward(6), InputType.feedForward(3));
        ComputationGraph network = Graphs.init(builder, seed);
        INDArray a = Graphs.input(seed, 1 + random.nextInt(5), 6);
        INDArray b = Graphs.input(seed + 1, a.size(0), 3);
        List<String> cuts = List.of("sum", "merge", "out");
        INDArray[] results = HostPrefix.of(network, cuts).run(a, b);
        for (int i = 0; i < cuts.size(); i++) {
            double roundings = Graphs.roundings(Graphs.stock(network, cuts.get(i), a, b), results[i]);
            assertTrue(roundings <= Graphs.TOLERANCE, cuts.get(i) + " is off by " + roundings + " roundings");
        }
    }

    private static DenseLayer dense(int out, Activation activation) {
        return new DenseLayer.Builder().nOut(out).activation(activation).build();
    }

    @ParameterizedTest
    @EnumSource(CNN2DFormat.class)
    void whatIsNotRecognisedRunsThroughDl4jsOwnVertices(CNN2DFormat format) {
        Case c = new Case(5, format);
        GraphBuilder builder = c.builder()
                .addLayer("conv", point(c, 6), "in")
                .addLayer(
                        "pool",
                        new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
                                .kernelSize(2, 2)
                                .stride(2, 2)
                                .dataFormat(format)
                                .build(),
                        "conv")
                .addLayer("norm", norm(c, true), "pool")
                .addVertex("product", new ElementWiseVertex(ElementWiseVertex.Op.Product), "norm", "norm")
                .addLayer("soft", new ActivationLayer(Activation.CUBE), "product")
                .addLayer("dense", dense(4, Activation.RELU), "soft")
                .addLayer("out", output(), "dense")
                .setOutputs("out");
        ComputationGraph network = Graphs.init(builder, 5);
        INDArray input = c.input(4);
        HostPrefix prefix = HostPrefix.of(network, List.of("out", "norm"));
        assertEquals(
                Optional.of("vertex 'soft' cannot be computed by a plan: it has the activation function cube"),
                prefix.obstacle(input));
        INDArray[] results = prefix.run(input);
        assertTrue(Graphs.roundings(Graphs.stock(network, "out", input), results[0]) <= Graphs.TOLERANCE);
        assertTrue(Graphs.roundings(Graphs.stock(network, "norm", input), results[1]) <= Graphs.TOLERANCE);
    }

    @Test
    void verticesThatMixExamplesSeeTheWholeBatch() {
        GraphBuilder builder = Graphs.builder(7)
                .addInputs("a", "b")
                .addVertex("stack", new StackVertex(), "a", "b")
                .addLayer("dense", dense(3, Activation.TANH), "stack")
                .addVertex("second", new UnstackVertex(1, 2), "dense")
                .addLayer("out", output(), "second")
                .setOutputs("out")
                .setInputTypes(InputType.feedForward(4), InputType.feedForward(4));
        ComputationGraph network = Graphs.init(builder, 7);
        INDArray a = Graphs.input(1, 6, 4);
        INDArray b = Graphs.input(2, 6, 4);
        INDArray result = HostPrefix.of(network, List.of("second")).run(a, b)[0];
        assertTrue(Graphs.roundings(Graphs.stock(network, "second", a, b), result) <= Graphs.TOLERANCE);
    }

    @Test
    void recurrentLayersRunThroughDl4j() {
        GraphBuilder builder = Graphs.builder(8)
                .addInputs("in")
                .addLayer("lstm", new LSTM.Builder().nOut(5).build(), "in")
                .addLayer("out", outputs(), "lstm")
                .setOutputs("out")
                .setInputTypes(InputType.recurrent(3, 6));
        ComputationGraph network = Graphs.init(builder, 8);
        INDArray input = Graphs.input(8, 4, 3, 6);
        HostPrefix prefix = HostPrefix.of(network, List.of("lstm", "out"));
        assertTrue(prefix.obstacle(input).isPresent());
        INDArray[] results = prefix.run(input);
        assertTrue(Graphs.roundings(Graphs.stock(network, "lstm", input), results[0]) <= Graphs.TOLERANCE);
        assertTrue(Graphs.roundings(Graphs.stock(network, "out", input), results[1]) <= Graphs.TOLERANCE);
    }

    /** Deeplearning4j's preprocessors, here before the last layer, take the number of labels for that of the examples. */
    @Test
    void labelsOfAnotherBatchPlayNoPart() {
        GraphBuilder builder = Graphs.builder(8)
                .addInputs("in")
                .addLayer("lstm", new LSTM.Builder().nOut(5).build(), "in")
                .addLayer("dense", dense(4, Activation.TANH), "lstm")
                .addLayer("last", new LSTM.Builder().nOut(2).build(), "dense")
                .addLayer("out", outputs(), "last")
                .setOutputs("out")
                .setInputTypes(InputType.recurrent(3, 6));
        ComputationGraph network = Graphs.init(builder, 8);
        INDArray input = Graphs.input(8, 4, 3, 6);
        HostPrefix prefix = HostPrefix.of(network, List.of("last"));
        INDArray expected = prefix.run(input)[0];
        network.setLabels(Nd4j.zeros(2, 2, 6));
        assertTrue(Graphs.roundings(expected, prefix.run(input)[0]) <= Graphs.TOLERANCE);
        try (HostMachine machine = HostMachine.open(1);
                PlannedPrefix planned =
                        PlannedPrefix.of(machine, network, List.of("last"), Arithmetic.SINGLE, 3, input)) {
            assertTrue(Graphs.roundings(expected, planned.run(input)[0]) <= Graphs.TOLERANCE);
        }
    }

    /** Steps that are masked count in the pooled mean all the same, and the masks are there for others afterwards. */
    @Test
    void masksSetOnTheNetworkPlayNoPartAndStay() {
        GraphBuilder builder = Graphs.builder(8)
                .addInputs("in")
                .addLayer("lstm", new LSTM.Builder().nOut(5).build(), "in")
                .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "lstm")
                .addLayer("out", output(), "pool")
                .setOutputs("out")
                .setInputTypes(InputType.recurrent(3, 6));
        ComputationGraph network = Graphs.init(builder, 8);
        INDArray input = Graphs.input(8, 4, 3, 6);
        INDArray unmasked = Graphs.stock(network, "pool", input);
        INDArray mask = Nd4j.ones(4, 6);
        mask.get(NDArrayIndex.all(), NDArrayIndex.interval(2, 6)).assign(0);
        INDArray[] masks = {mask};
        network.setLayerMaskArrays(masks, null);
        INDArray masked = Graphs.stock(network, "pool", input);
        assertTrue(Graphs.roundings(unmasked, masked) > 1000 * Graphs.TOLERANCE, "masks make a difference");
        HostPrefix prefix = HostPrefix.of(network, List.of("pool"));
        assertTrue(prefix.obstacle(input).isPresent());
        assertTrue(Graphs.roundings(unmasked, prefix.run(input)[0]) <= Graphs.TOLERANCE);
        try (HostMachine machine = HostMachine.open(1);
                PlannedPrefix planned =
                        PlannedPrefix.of(machine, network, List.of("pool"), Arithmetic.SINGLE, 3, input)) {
            assertTrue(Graphs.roundings(unmasked, planned.run(input)[0]) <= Graphs.TOLERANCE);
        }
        assertSame(masks, network.getInputMaskArrays());
        assertEquals(masked, Graphs.stock(network, "pool", input));
    }

    private static RnnOutputLayer outputs() {
        return new RnnOutputLayer.Builder(LossFunctions.LossFunction.MSE)
                .nOut(2)
                .activation(Activation.IDENTITY)
                .build();
    }

    /** Of up to five terms each: a few roundings, in units of the largest value. */
    @Test
    void aDoubleNetworkIsComputedInDouble() {
        GraphBuilder builder = Graphs.builder(9, DataType.DOUBLE)
                .addInputs("in")
                .addLayer("dense", dense(5, Activation.RELU), "in")
                .addLayer("out", output(), "dense")
                .setOutputs("out")
                .setInputTypes(InputType.feedForward(4));
        ComputationGraph network = Graphs.init(builder, 9);
        INDArray input = Graphs.input(9, 3, 4).castTo(DataType.DOUBLE);
        HostPrefix prefix = HostPrefix.of(network, List.of("out"));
        assertEquals(Optional.empty(), prefix.obstacle(input));
        INDArray result = prefix.run(input)[0];
        assertEquals(DataType.DOUBLE, result.dataType());
        assertArrayEquals(
                Graphs.stock(network, "out", input).dup('c').data().asDouble(),
                result.data().asDouble(),
                16 * 0x1p-53);
    }

    /** As the same plan does on a machine that is asked for it; a key of cached activations tells which. */
    @Test
    void productsAreRoundedAsAskedForAndTheOriginSaysSo() {
        assumeTrue(OneDnn.here().filter(OneDnn::multipliesBfloat16).isPresent(), OneDnn::sentence);
        GraphBuilder builder = Graphs.builder(9)
                .addInputs("in")
                .addLayer("dense", dense(30, Activation.RELU), "in")
                .addLayer("out", output(), "dense")
                .setOutputs("out")
                .setInputTypes(InputType.feedForward(40));
        ComputationGraph network = Graphs.init(builder, 9);
        INDArray input = Graphs.input(9, 5, 40);
        List<String> cut = List.of("dense");
        HostPrefix exact = HostPrefix.of(network, cut);
        HostPrefix rounded = exact.withPrecision(ProductPrecision.BF16);
        INDArray result = rounded.run(input)[0];
        double roundings = Graphs.roundings(exact.run(input)[0], result);
        assertTrue(roundings > Graphs.TOLERANCE && roundings < 0x1p17, roundings + " roundings to 24 bits, not to 8");
        Arithmetic arithmetic = Arithmetic.frozenIn(ProductPrecision.BF16);
        try (HostMachine machine = HostMachine.open();
                PlannedPrefix planned = PlannedPrefix.of(machine, network, cut, arithmetic, Integer.MAX_VALUE, input)) {
            assertArrayEquals(
                    planned.run(input)[0].data().asFloat(), result.data().asFloat());
        }
        assertNotEquals(exact.origin(), rounded.origin());
        assertEquals(
                exact.origin(), rounded.withPrecision(ProductPrecision.FP32).origin());
    }

    @Test
    void precisionsThatTheCpuOrTheNetworkDoesNotHaveAreRefused() {
        assertMessage(
                "the precision of products in DOUBLE must be FP32, got BF16",
                () -> onlyAnOutput(DataType.DOUBLE).withPrecision(ProductPrecision.BF16));
        assertThrows(
                IllegalArgumentException.class,
                () -> onlyAnOutput(DataType.FLOAT).withPrecision(ProductPrecision.TF32));
    }

    private static HostPrefix onlyAnOutput(DataType type) {
        GraphBuilder builder = Graphs.builder(1, type)
                .addInputs("in")
                .addLayer("out", output(), "in")
                .setOutputs("out")
                .setInputTypes(InputType.feedForward(4));
        return HostPrefix.of(Graphs.init(builder, 1), List.of("out"));
    }

    /** What is cut into pieces, by a plan or by layers, is what single examples give; up to rounding, for sums may be ordered by size. */
    @ParameterizedTest
    @EnumSource(CNN2DFormat.class)
    void aLargeBatchIsItsExamples(CNN2DFormat format) {
        for (Activation last : List.of(Activation.RELU, Activation.CUBE)) {
            GraphBuilder builder = Graphs.builder(14)
                    .addInputs("in")
                    .setInputTypes(InputType.convolutional(40, 40, 3, format))
                    .addLayer(
                            "conv",
                            new ConvolutionLayer.Builder(1, 1)
                                    .nOut(90)
                                    .dataFormat(format)
                                    .activation(last)
                                    .build(),
                            "in")
                    .addLayer("pool", new GlobalPoolingLayer(PoolingType.AVG), "conv")
                    .addLayer("out", output(), "pool");
            ComputationGraph network = Graphs.init(builder.setOutputs("out"), 14);
            INDArray input =
                    format == CNN2DFormat.NHWC ? Graphs.input(3, 67, 40, 40, 3) : Graphs.input(3, 67, 3, 40, 40);
            HostPrefix prefix = HostPrefix.of(network, List.of("pool"));
            INDArray whole = prefix.run(input)[0];
            for (int n : new int[] {0, 33, 66}) {
                INDArray one = prefix.run(input.get(NDArrayIndex.interval(n, n + 1)))[0];
                assertTrue(Graphs.roundings(one, whole.get(NDArrayIndex.interval(n, n + 1))) <= Graphs.TOLERANCE);
            }
        }
    }

    /** Images of 7 to 12 pixels, then larger ones; of one channel more than the network has, none. */
    @Test
    void shapesMayChangeFromRunToRunAndOneThatFailsHarmsNoOther() {
        Case c = new Case(16, CNN2DFormat.NHWC);
        GraphBuilder builder = c.builder();
        block(builder, c);
        ComputationGraph network = Graphs.init(builder.setOutputs("out"), 16);
        HostPrefix prefix = HostPrefix.of(network, List.of("add"));
        INDArray small = c.input(2);
        INDArray large = Graphs.input(4, 3, c.height + 5, c.width + 2, c.channels);
        INDArray unfit = Graphs.input(5, 2, c.height, c.width, c.channels + 1);
        for (INDArray input : List.of(small, large, small)) {
            assertEquals(Optional.empty(), prefix.obstacle(input));
            INDArray expected = Graphs.stock(network, "add", input);
            assertTrue(Graphs.roundings(expected, prefix.run(input)[0]) <= Graphs.TOLERANCE);
            assertThrows(RuntimeException.class, () -> prefix.run(unfit));
            assertTrue(Graphs.roundings(expected, prefix.run(input)[0]) <= Graphs.TOLERANCE);
        }
    }

    @Test
    void aVertexKeepsItsOwnValueThoughAnActivationLayerReadsIt() {
        GraphBuilder builder = Graphs.builder(10)
                .addInputs("in")
                .addLayer("dense", dense(5, Activation.IDENTITY), "in")
                .addLayer("relu", new ActivationLayer(Activation.RELU), "dense")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Subtract), "relu", "dense")
                .addLayer("out", output(), "sum")
                .setOutputs("out")
                .setInputTypes(InputType.feedForward(4));
        ComputationGraph network = Graphs.init(builder, 10);
        INDArray input = Graphs.input(10, 6, 4);
        INDArray[] results =
                HostPrefix.of(network, List.of("dense", "relu", "sum")).run(input);
        assertTrue(results[0].minNumber().floatValue() < 0, "the dense output itself has negative values");
        INDArray difference = results[1].sub(results[0]);
        assertArrayEquals(
                difference.dup('c').data().asFloat(), results[2].dup('c').data().asFloat());
    }

    @Test
    void runningWritesNeitherParametersNorInputs() {
        Case c = new Case(11, CNN2DFormat.NHWC);
        GraphBuilder builder = c.builder();
        block(builder, c);
        ComputationGraph network = Graphs.init(builder.setOutputs("out"), 11);
        INDArray input = c.input(5);
        float[] parameters = network.params().dup().data().asFloat();
        float[] pixels = input.dup('c').data().asFloat();
        HostPrefix.of(network, List.of("out", "expandRelu")).run(input);
        assertArrayEquals(parameters, network.params().dup().data().asFloat());
        assertArrayEquals(pixels, input.dup('c').data().asFloat());
    }

    @Tag("kernels")
    @Test
    void equalInputsGiveEqualBytesAlsoWhenCallsOverlap() {
        Case c = new Case(12, CNN2DFormat.NHWC);
        GraphBuilder builder = c.builder();
        block(builder, c);
        ComputationGraph network = Graphs.init(builder.setOutputs("out"), 12);
        HostPrefix prefix = HostPrefix.of(network, List.of("dense", "depthRelu"));
        INDArray large = c.input(9);
        INDArray small = c.input(2);
        float[] expected = prefix.run(large)[1].data().asFloat();
        float[] expectedSmall = prefix.run(small)[1].data().asFloat();
        List<CompletableFuture<Void>> calls = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            boolean first = i % 2 == 0;
            calls.add(CompletableFuture.runAsync(() -> assertArrayEquals(
                    first ? expected : expectedSmall,
                    prefix.run(first ? large : small)[1].data().asFloat())));
        }
        calls.forEach(CompletableFuture::join);
    }

    @Test
    void resultsOutliveTheNextCall() {
        Case c = new Case(13, CNN2DFormat.NCHW);
        GraphBuilder builder = c.builder();
        block(builder, c);
        ComputationGraph network = Graphs.init(builder.setOutputs("out"), 13);
        HostPrefix prefix = HostPrefix.of(network, List.of("add"));
        INDArray first = prefix.run(c.input(2))[0];
        float[] before = first.dup('c').data().asFloat();
        prefix.run(c.input(2).muli(3));
        assertArrayEquals(before, first.dup('c').data().asFloat());
        assertFalse(first.isAttached());
    }

    @Test
    void badNamesAndInputsAreRefusedWithOneSentence() {
        GraphBuilder builder = Graphs.builder(1)
                .addInputs("in")
                .addLayer("out", output(), "in")
                .setOutputs("out")
                .setInputTypes(InputType.feedForward(4));
        ComputationGraph network = Graphs.init(builder, 1);
        assertMessage(
                "output must be a vertex of the network, got 'nobody'",
                () -> HostPrefix.of(network, List.of("nobody")));
        assertMessage("a prefix needs at least one output vertex, got none", () -> HostPrefix.of(network, List.of()));
        HostPrefix prefix = HostPrefix.of(network, List.of("out"));
        assertMessage(
                "the network takes 1 inputs, got 2", () -> prefix.run(Graphs.input(1, 2, 4), Graphs.input(1, 2, 4)));
        ComputationGraph raw = new ComputationGraph(Configurations.copy(network.getConfiguration()));
        assertMessage("the network must be initialised: call init() first", () -> HostPrefix.of(raw, List.of("out")));
    }

    private static void assertMessage(String message, org.junit.jupiter.api.function.Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    /** A random convolution geometry, layout and input. */
    private static final class Case {
        final Random random;
        final CNN2DFormat format;
        final ConvolutionMode mode;
        final int kernel;
        final int kernelWidth;
        final int stride;
        final int strideWidth;
        final int dilation;
        final int padding;
        final int channels;
        final int height;
        final int width;
        final PoolingType pooling;
        final ActivationReLU activation;
        private final long seed;

        Case(long seed) {
            this(seed, seed % 2 == 0 ? CNN2DFormat.NHWC : CNN2DFormat.NCHW);
        }

        Case(long seed, CNN2DFormat format) {
            this.seed = seed;
            this.random = new Random(seed);
            this.format = format;
            this.mode = MODES[random.nextInt(2)];
            this.kernel = 1 + random.nextInt(4);
            this.kernelWidth = random.nextBoolean() ? kernel : 1 + random.nextInt(4);
            this.dilation = kernel > 1 && kernelWidth > 1 ? 1 + random.nextInt(2) : 1;
            this.stride = 1 + random.nextInt(Math.min(3, kernel));
            this.strideWidth = 1 + random.nextInt(Math.min(3, kernelWidth));
            this.padding = mode == ConvolutionMode.Same ? 0 : random.nextInt(Math.min(kernel, kernelWidth));
            this.channels = 1 + random.nextInt(6);
            this.height = 7 + random.nextInt(6);
            this.width = 7 + random.nextInt(6);
            this.pooling = new PoolingType[] {PoolingType.AVG, PoolingType.MAX, PoolingType.SUM}[random.nextInt(3)];
            boolean capped = random.nextBoolean();
            boolean leaky = random.nextBoolean();
            this.activation = new ActivationReLU(capped && !leaky ? 6.0 : null, null, leaky ? 0.1 : null);
        }

        <B extends ConvolutionLayer.BaseConvBuilder<B>> B geometry(B builder) {
            return builder.kernelSize(kernel, kernelWidth)
                    .stride(stride, strideWidth)
                    .dilation(dilation, dilation)
                    .padding(padding, padding)
                    .convolutionMode(mode)
                    .activation(activation);
        }

        /** DL4J's own separable convolution fails on a single input channel. */
        static Case withSeveralChannels(long seed) {
            Case c = new Case(seed);
            return c.channels > 1 ? c : withSeveralChannels(seed + 1000);
        }

        GraphBuilder builder() {
            return Graphs.builder(seed)
                    .addInputs("in")
                    .setInputTypes(InputType.convolutional(height, width, channels, format));
        }

        INDArray input(int batch) {
            return format == CNN2DFormat.NHWC
                    ? Graphs.input(seed, batch, height, width, channels)
                    : Graphs.input(seed, batch, channels, height, width);
        }

        void check(GraphBuilder builder, String vertex) {
            ComputationGraph network = Graphs.init(builder.setOutputs(vertex), seed);
            HostPrefix prefix = HostPrefix.of(network, List.of(vertex));
            for (int batch : new int[] {1, 3}) {
                INDArray input = input(batch);
                assertEquals(Optional.empty(), prefix.obstacle(input), "a plan computes it");
                INDArray expected = Graphs.stock(network, vertex, input);
                double roundings = Graphs.roundings(expected, prefix.run(input)[0]);
                assertTrue(
                        roundings <= Graphs.TOLERANCE,
                        () -> "off by " + roundings + " roundings, shape " + Arrays.toString(expected.shape()));
            }
        }
    }
}
