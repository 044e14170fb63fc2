/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import static org.amend4j.testkit.Refusals.refused;
import static org.amend4j.testkit.SmallNetworks.initialised;
import static org.amend4j.testkit.SmallNetworks.pooling;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Consumer;
import org.amend4j.internal.text.Article;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ScaleVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;
import org.deeplearning4j.nn.conf.preprocessor.CnnToFeedForwardPreProcessor;
import org.deeplearning4j.nn.conf.preprocessor.FeedForwardToCnnPreProcessor;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationGELU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.ILossFunction;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.lossfunctions.impl.LossBinaryXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMCXENT;
import org.nd4j.linalg.lossfunctions.impl.LossMSE;

/** What a device cannot take is named in one sentence, with its vertex, when the graph is read: before anything runs. */
class NetworkReaderTest {

    private static final long[] FEATURES = {4};
    private static final long[] IMAGES = {2, 6, 6};

    private static GraphBuilder builder() {
        return SmallNetworks.builder(DataType.FLOAT, 1);
    }

    private static DenseLayer dense(Consumer<DenseLayer.Builder> change) {
        DenseLayer.Builder builder = new DenseLayer.Builder().nIn(4).nOut(4).activation(Activation.TANH);
        change.accept(builder);
        return builder.build();
    }

    private static DenseLayer dense() {
        return dense(builder -> {});
    }

    private static OutputLayer output(ILossFunction loss, Activation activation) {
        return SmallNetworks.output(4, 4, loss, activation);
    }

    private static OutputLayer output() {
        return output(new LossMCXENT(), Activation.SOFTMAX);
    }

    /** in(4) → odd → out. */
    private static ComputationGraph around(Layer odd) {
        return initialised(builder()
                .addInputs("in")
                .addLayer("odd", odd, "in")
                .addLayer("out", output(), "odd")
                .setOutputs("out"));
    }

    /** in(2, 6, 6) → odd → pool → out. */
    private static ComputationGraph aroundImages(Layer odd) {
        return initialised(builder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(6, 6, 2, CNN2DFormat.NCHW))
                .addLayer("odd", odd, "in")
                .addLayer("pool", pooling(PoolingType.AVG), "odd")
                .addLayer("out", SmallNetworks.output(3, LossFunction.MCXENT, Activation.SOFTMAX), "pool")
                .setOutputs("out"));
    }

    private static void assertNamed(String vertex, String why, ComputationGraph graph, long[]... examples) {
        String sentence = refused(why, () -> NetworkReader.training(graph, List.of(examples)));
        assertTrue(sentence.startsWith("vertex '" + vertex + "' cannot be computed by a plan: it "), sentence);
    }

    private static void assertOdd(String why, ComputationGraph graph) {
        assertNamed("odd", why, graph, FEATURES);
    }

    private static void assertOddImages(String why, Layer layer) {
        assertNamed("odd", why, aroundImages(layer), IMAGES);
    }

    /** The twin of the refusals: what stands around the odd vertex is taken. */
    @Test
    void whatIsKnownIsTaken() {
        Network network = NetworkReader.training(around(dense()), List.of(FEATURES));
        assertEquals(2 * (4 * 4 + 4), network.parameters());
        assertEquals(List.of(new Network.Output("out", Shape.features(4), false)), List.of(network.output(0)));
        Network images = NetworkReader.training(aroundImages(convolution(b -> {})), List.<long[]>of(IMAGES));
        assertEquals(new Shape(6, 6, 2), images.inputs().get(0).shape());
        assertTrue(images.inputs().get(0).channelsFirst());
    }

    private static ConvolutionLayer convolution(Consumer<ConvolutionLayer.Builder> change) {
        ConvolutionLayer.Builder builder =
                new ConvolutionLayer.Builder(3, 3).nOut(3).activation(Activation.TANH);
        change.accept(builder);
        return builder.build();
    }

    @Test
    void layersOfOtherKinds() {
        assertOddImages(
                "is a Deconvolution2D",
                new Deconvolution2D.Builder(2, 2).nOut(3).build());
        assertOddImages(
                "would have to be trained there, which is not known for its kind",
                new SeparableConvolution2D.Builder(2, 2).nOut(3).build());
        assertOddImages("leaves nothing of [6 x 6 x 2]", new Cropping2D(3, 1));
        assertOddImages("is a LocalResponseNormalization", new LocalResponseNormalization.Builder().build());
        assertOdd(
                "is a PReLULayer", around(new PReLULayer.Builder().inputShape(4).build()));
        assertNamed("conv", "is a Convolution1DLayer", recurrent(), new long[] {3, 1, 8});
    }

    private static ComputationGraph recurrent() {
        return TestNetworks.recurrent(DataType.FLOAT, ConvolutionMode.Same, 1);
    }

    /** Kernels know layers on every step, and no others of sequences. */
    @Test
    void sequences() {
        assertNamed("conv", "is a Convolution1DLayer", recurrent(), new long[] {3, 8});
        assertNamed("below", "is a Convolution1DLayer", TestNetworks.attention(DataType.FLOAT, 1), new long[] {3, 6});
        ComputationGraph lstm = initialised(builder()
                .addInputs("in")
                .addLayer(
                        "lstm",
                        new org.deeplearning4j.nn.conf.layers.LSTM.Builder()
                                .nIn(4)
                                .nOut(4)
                                .build(),
                        "in")
                .addLayer(
                        "out",
                        new org.deeplearning4j.nn.conf.layers.RnnOutputLayer.Builder(LossFunction.MSE)
                                .nIn(4)
                                .nOut(4)
                                .activation(Activation.IDENTITY)
                                .build(),
                        "lstm")
                .setOutputs("out"));
        assertNamed("lstm", "is an LSTM", lstm, FEATURES);
    }

    /** Subclasses may compute anything. */
    static final class OtherLayer extends ActivationLayer {
        OtherLayer() {
            super(Activation.TANH);
        }
    }

    static final class OtherTanh extends ActivationTanH {}

    static final class OtherSum extends ElementWiseVertex {
        OtherSum() {
            super(Op.Add);
        }
    }

    @Test
    void subclassesOfWhatIsKnown() {
        assertOdd("is an OtherLayer", around(new OtherLayer()));
        assertOdd("has the activation function", around(dense(b -> b.activation(new OtherTanh()))));
        assertOdd(
                "is an OtherSum",
                initialised(builder()
                        .addInputs("in")
                        .addLayer("dense", dense(), "in")
                        .addLayer("other", dense(), "in")
                        .addVertex("odd", new OtherSum(), "dense", "other")
                        .addLayer("out", output(), "odd")
                        .setOutputs("out")));
    }

    @Test
    void denseLayersWithExtras() {
        assertOdd("has weight noise", around(dense(b -> b.weightNoise(new DropConnect(0.5)))));
    }

    @ParameterizedTest
    @EnumSource(
            value = Activation.class,
            names = {"CUBE", "RATIONALTANH", "RECTIFIEDTANH", "THRESHOLDEDRELU", "MISH", "SOFTMAX"})
    void activationsNoKernelHas(Activation activation) {
        String name = activation.getActivationFunction().toString();
        assertOdd("has the activation function " + name, around(dense(b -> b.activation(activation))));
        assertOdd(
                "has the activation function " + name,
                around(new ActivationLayer.Builder().activation(activation).build()));
    }

    @Test
    void activationsWithSettingsNoKernelHas() {
        for (IActivation odd : List.of(
                new ActivationGELU(true),
                new ActivationReLU(5.0, 0.0, 0.0),
                new ActivationReLU(6.0, 0.5, 0.0),
                new ActivationReLU(6.0, 0.0, 0.1))) {
            assertOdd("has the activation function", around(dense(b -> b.activation(odd))));
        }
    }

    @Test
    void losses() {
        INDArray weights = Nd4j.ones(DataType.FLOAT, 1, 4);
        for (OutputLayer loss : List.of(
                output(new LossMCXENT(weights), Activation.SOFTMAX),
                output(new LossBinaryXENT(weights), Activation.SIGMOID),
                output(new LossMSE(weights), Activation.IDENTITY))) {
            assertNamed("out", "has a loss with weights for its columns", outputs(loss), FEATURES);
        }
        for (LossFunction odd :
                List.of(LossFunction.L1, LossFunction.HINGE, LossFunction.POISSON, LossFunction.KL_DIVERGENCE)) {
            assertNamed("out", "has the loss", outputs(output(odd.getILossFunction(), Activation.SIGMOID)), FEATURES);
        }
        assertNamed("out", "has the loss", outputs(output(new LossMCXENT(), Activation.SIGMOID)), FEATURES);
        assertNamed("out", "has the loss", outputs(output(new LossBinaryXENT(), Activation.SOFTMAX)), FEATURES);
        assertNamed(
                "out",
                "has the activation function softmax",
                outputs(output(new LossMSE(), Activation.SOFTMAX)),
                FEATURES);
    }

    private static ComputationGraph outputs(OutputLayer loss) {
        return initialised(builder()
                .addInputs("in")
                .addLayer("dense", dense(), "in")
                .addLayer("out", loss, "dense")
                .setOutputs("out")
                .validateOutputLayerConfig(false));
    }

    @Test
    void lossesInside() {
        assertNamed(
                "inside",
                "is an output layer inside of the network",
                initialised(builder()
                        .addInputs("in")
                        .addLayer("inside", output(), "in")
                        .addLayer("out", output(), "inside")
                        .setOutputs("out")),
                FEATURES);
    }

    @Test
    void whatTrainsOnlyWithABatch() {
        assertOdd(
                "normalises with the batch's statistics",
                around(new BatchNormalization.Builder().nIn(4).nOut(4).build()));
        assertOddImages("normalises with the batch's statistics", new BatchNormalization.Builder().build());
    }

    @Test
    void whatIsKnownFrozenOnly() {
        assertOddImages(
                "would have to be trained there",
                new DepthwiseConvolution2D.Builder(3, 3)
                        .depthMultiplier(2)
                        .nOut(4)
                        .activation(Activation.TANH)
                        .build());
    }

    @Test
    void poolingOfOtherKinds() {
        assertOddImages(
                "pools by PNORM",
                new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.PNORM, new int[] {2, 2})
                        .pnorm(2)
                        .build());
        assertOddImages(
                "pools by SUM",
                new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.SUM, new int[] {2, 2}).build());
        ComputationGraph graph = initialised(builder()
                .addInputs("in")
                .setInputTypes(InputType.convolutional(6, 6, 2, CNN2DFormat.NCHW))
                .addLayer("conv", convolution(b -> {}), "in")
                .addLayer("pool", pooling(PoolingType.SUM), "conv")
                .addLayer("out", SmallNetworks.output(2, LossFunction.MSE, Activation.IDENTITY), "pool")
                .setOutputs("out"));
        assertNamed("pool", "pools by SUM", graph, IMAGES);
    }

    @Test
    void verticesOfOtherKinds() {
        for (var odd : List.of(new ScaleVertex(2), new L2NormalizeVertex())) {
            assertOdd(
                    "is " + Article.before(odd.getClass().getSimpleName()),
                    initialised(builder()
                            .addInputs("in")
                            .addLayer("dense", dense(), "in")
                            .addVertex("odd", odd, "dense")
                            .addLayer("out", output(), "odd")
                            .setOutputs("out")));
        }
        assertOdd(
                "combines 3 inputs by Max",
                initialised(builder()
                        .addInputs("in")
                        .addLayer("a", dense(), "in")
                        .addLayer("b", dense(), "in")
                        .addLayer("c", dense(), "in")
                        .addVertex("odd", new ElementWiseVertex(ElementWiseVertex.Op.Max), "a", "b", "c")
                        .addLayer("out", output(), "odd")
                        .setOutputs("out")));
    }

    @Test
    void shapesThatDoNotFit() {
        refused(
                "the network has 1 inputs [in], got data for 2",
                () -> NetworkReader.training(around(dense()), List.of(FEATURES, FEATURES)));
        assertNamed("odd", "reads 4 features, got [5]", around(dense()), new long[] {5});
        assertNamed("odd", "reads 4 features, got [2 x 2 x 4]", around(dense()), new long[] {4, 2, 2});
        assertNamed(
                "odd", "reads images of 2 channels, got [6 x 6 x 3]", aroundImages(convolution(b -> {})), new long[] {
                    3, 6, 6
                });
        assertNamed(
                "odd", "is a ConvolutionLayer that reads sequences", aroundImages(convolution(b -> {})), new long[] {
                    2, 6
                });
        refused(
                "for the input 'in'",
                () -> NetworkReader.training(around(dense()), List.<long[]>of(new long[] {2, 2, 2, 2})));
        assertNamed(
                "odd",
                "makes images [4 x 3 x 2] of 4 features",
                initialised(builder()
                        .addInputs("in")
                        .addLayer("dense", dense(), "in")
                        .addLayer("odd", convolution(b -> b.nIn(2)), new FeedForwardToCnnPreProcessor(4, 3, 2), "dense")
                        .addLayer(
                                "out",
                                SmallNetworks.output(6, 2, LossFunction.MSE, Activation.IDENTITY),
                                new CnnToFeedForwardPreProcessor(2, 1, 3),
                                "odd")
                        .setOutputs("out")),
                FEATURES);
    }

    /** Features become images with channels first, always: with layers that want them last they would be other images. */
    @Test
    void featuresThatBecomeImagesWithChannelsLast() {
        assertNamed(
                "odd",
                "makes images with channels first",
                initialised(builder()
                        .addInputs("in")
                        .addLayer("dense", dense(), "in")
                        .addLayer(
                                "odd",
                                convolution(b -> b.nIn(2).kernelSize(1, 1).dataFormat(CNN2DFormat.NHWC)),
                                new FeedForwardToCnnPreProcessor(1, 2, 2),
                                "dense")
                        .addLayer(
                                "out",
                                SmallNetworks.output(6, 2, LossFunction.MSE, Activation.IDENTITY),
                                new CnnToFeedForwardPreProcessor(2, 1, 3),
                                "odd")
                        .setOutputs("out")),
                FEATURES);
    }

    @Test
    void wordsThatAreAlsoNumbers() {
        ComputationGraph both = initialised(builder()
                .addInputs("in")
                .addLayer("words", new EmbeddingLayer.Builder().nIn(5).nOut(4).build(), "in")
                .addLayer("dense", dense(b -> b.nIn(1)), "in")
                .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "words", "dense")
                .addLayer("out", output(), "sum")
                .setOutputs("out"));
        refused(
                "is read as words by an embedding and as numbers",
                () -> NetworkReader.training(both, List.<long[]>of(new long[] {1})));
        ComputationGraph above = initialised(builder()
                .addInputs("in")
                .addLayer("dense", dense(b -> b.nOut(1)), "in")
                .addLayer("odd", new EmbeddingLayer.Builder().nIn(5).nOut(4).build(), "dense")
                .addLayer("out", output(), "odd")
                .setOutputs("out"));
        assertOdd("is an embedding of something else than a network input", above);
    }

    @Test
    void verticesThatLeadNowhere() {
        assertOdd(
                "leads to no output",
                initialised(builder()
                        .addInputs("in")
                        .addLayer("dense", dense(), "in")
                        .addLayer("odd", dense(), "dense")
                        .addLayer("out", output(), "dense")
                        .setOutputs("out")
                        .allowDisconnected(true)));
    }

    @Test
    void imagesInTwoOrders() {
        ComputationGraph mixed = initialised(builder()
                .addInputs("in")
                .addLayer("conv", convolution(b -> b.nIn(2).dataFormat(CNN2DFormat.NCHW)), "in")
                .addLayer("odd", convolution(b -> b.nIn(3).dataFormat(CNN2DFormat.NHWC)), "conv")
                .addLayer("pool", pooling(PoolingType.AVG), "odd")
                .addLayer("out", SmallNetworks.output(3, 2, LossFunction.MSE, Activation.IDENTITY), "pool")
                .setOutputs("out"));
        assertNamed("odd", "has its channels elsewhere than layers before it", mixed, IMAGES);
    }

    @Test
    void mergesThatAreNotOfChannels() {
        MergeVertex rows = new MergeVertex();
        rows.setMergeAxis(2);
        ComputationGraph graph = initialised(builder()
                .addInputs("in")
                .addLayer("a", convolution(b -> b.nIn(2)), "in")
                .addLayer("b", convolution(b -> b.nIn(2)), "in")
                .addVertex("odd", rows, "a", "b")
                .addLayer("pool", pooling(PoolingType.AVG), "odd")
                .addLayer("out", SmallNetworks.output(3, 2, LossFunction.MSE, Activation.IDENTITY), "pool")
                .setOutputs("out"));
        assertNamed("odd", "merges along another dimension than the channels", graph, IMAGES);
    }

    /** Adapters are merged before a network is only used. */
    @Test
    void adaptersInANetworkThatIsOnlyUsed() {
        ComputationGraph plain = TestNetworks.dense(DataType.FLOAT, 1);
        AdaptedModel model = SmallNetworks.adapted(plain, LoraConfig.of(1, 1).withTargets("dense_1"));
        String sentence = refused(
                "has an adapter: merge it",
                () -> NetworkReader.inference(model.graph(), List.<long[]>of(new long[] {5})));
        assertTrue(sentence.contains("'dense_1'"), sentence);
        assertEquals(
                0,
                NetworkReader.inference(model.merge().network(), List.<long[]>of(new long[] {5}))
                        .parameters());
    }
}
