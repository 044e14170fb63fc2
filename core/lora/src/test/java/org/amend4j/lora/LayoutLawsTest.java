/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.Dora;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.probe.Probe;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.Gradients;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.TestNetworks;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Adapters on layers as users set them: channels or time first or last, strides, dilation, padding, masks. */
class LayoutLawsTest {

    private static final Logger LOG = LogManager.getLogger(LayoutLawsTest.class);

    /** Values of order 1, sums of a few hundred terms. */
    private static final double ROUNDING = 1e-12;

    private static final int ELEMENTS = Exhaustive.times(10, 40);
    private static final int BATCH = 3;
    private static final int STEPS = 5;
    private static final DataType TYPE = DataType.DOUBLE;
    private static final long SEED = 29;

    /** A graph and an example's shape in one layout. */
    enum Layout {
        NCHW(InputType.convolutional(7, 6, 2, CNN2DFormat.NCHW), 2, 7, 6),
        NHWC(InputType.convolutional(7, 6, 2, CNN2DFormat.NHWC), 7, 6, 2),
        NCW(InputType.recurrent(4, STEPS, RNNFormat.NCW), 4, STEPS),
        NWC(InputType.recurrent(4, STEPS, RNNFormat.NWC), STEPS, 4),
        NCDHW(InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 5, 4, 4, 2), 2, 5, 4, 4),
        NDHWC(InputType.convolutional3D(Convolution3D.DataFormat.NDHWC, 5, 4, 4, 2), 5, 4, 4, 2);

        private final InputType input;
        private final long[] shape;

        Layout(InputType input, long... shape) {
            this.input = input;
            this.shape = shape;
        }

        /** A layer that keeps shape and layout, so that its adapter needs the gradient of the next layer's input. */
        Layer below() {
            return switch (this) {
                case NCHW, NHWC ->
                    new ConvolutionLayer.Builder(1, 1)
                            .nOut(2)
                            .dataFormat(CNN2DFormat.valueOf(name()))
                            .build();
                case NCW, NWC ->
                    new SimpleRnn.Builder()
                            .nOut(4)
                            .dataFormat(RNNFormat.valueOf(name()))
                            .build();
                case NCDHW, NDHWC ->
                    new Convolution3D.Builder(1, 1, 1)
                            .nOut(2)
                            .dataFormat(Convolution3D.DataFormat.valueOf(name()))
                            .build();
            };
        }

        boolean isSequence() {
            return this == NCW || this == NWC;
        }

        /** Everything behind batch and channels. */
        int[] pooled() {
            return switch (this) {
                case NCHW -> new int[] {2, 3};
                case NHWC -> new int[] {1, 2};
                case NCW -> new int[] {2};
                case NWC -> new int[] {1};
                case NCDHW -> new int[] {2, 3, 4};
                case NDHWC -> new int[] {1, 2, 3};
            };
        }
    }

    /**
     * A layer in a graph: in → below → it → out.
     *
     * @param masked whether the last steps of some examples are masked
     */
    record Case(String name, Layout layout, Supplier<Layer> it, boolean masked) {

        ComputationGraph network() {
            GraphBuilder graph = new NeuralNetConfiguration.Builder()
                    .seed(SEED)
                    .dataType(TYPE)
                    .biasInit(0.1)
                    .activation(Activation.TANH)
                    .updater(new Sgd(0.1))
                    .graphBuilder()
                    .addInputs("in")
                    .addLayer("below", layout.below(), "in")
                    .addLayer("it", it.get(), "below");
            if (layout.isSequence()) {
                graph.addLayer(
                        "out",
                        new RnnOutputLayer.Builder(LossFunction.MCXENT)
                                .nOut(3)
                                .activation(Activation.SOFTMAX)
                                .dataFormat(RNNFormat.valueOf(layout.name()))
                                .build(),
                        "it");
            } else {
                Layer pool = new GlobalPoolingLayer.Builder(PoolingType.AVG)
                        .poolingDimensions(layout.pooled())
                        .build();
                graph.addLayer("pool", pool, "it").addLayer("out", classes(), "pool");
            }
            ComputationGraph network = new ComputationGraph(
                    graph.setOutputs("out").setInputTypes(layout.input).build());
            network.init();
            return network;
        }

        private static Layer classes() {
            return new OutputLayer.Builder(LossFunction.MCXENT)
                    .activation(Activation.SOFTMAX)
                    .nOut(3)
                    .build();
        }

        MultiDataSet data() {
            Random random = new Random(SEED);
            long[] all = new long[layout.shape.length + 1];
            all[0] = BATCH;
            System.arraycopy(layout.shape, 0, all, 1, layout.shape.length);
            INDArray features = TestNetworks.normal(TYPE, random, all);
            INDArray labels = TestNetworks.oneHot(TYPE, random, BATCH, 3, layout.isSequence() ? STEPS : 0);
            MultiDataSet data = new MultiDataSet(
                    features, layout == Layout.NWC ? labels.permute(0, 2, 1).dup() : labels);
            if (masked) {
                INDArray mask = Nd4j.ones(TYPE, BATCH, STEPS);
                mask.putScalar(0, STEPS - 1, 0);
                mask.putScalar(2, STEPS - 1, 0).putScalar(2, STEPS - 2, 0);
                data.setFeaturesMaskArrays(new INDArray[] {mask});
                data.setLabelsMaskArray(new INDArray[] {mask.dup()});
            }
            return data;
        }

        INDArray output(ComputationGraph graph) {
            MultiDataSet data = data();
            return graph.output(false, data.getFeatures(), data.getFeaturesMaskArrays(), null)[0].dup();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Case unmasked(String name, Layout layout, Supplier<Layer> it) {
        return new Case(name + " " + layout, layout, it, false);
    }

    private static Case sequence(String name, RNNFormat format, boolean masked, Supplier<Layer> it) {
        return new Case(name + " " + format + (masked ? " masked" : ""), Layout.valueOf(format.name()), it, masked);
    }

    private static Stream<Case> pictures() {
        return Stream.of(CNN2DFormat.values())
                .flatMap(format -> Stream.of(
                        unmasked(
                                "Deconvolution2D, strided",
                                Layout.valueOf(format.name()),
                                () -> new Deconvolution2D.Builder(2, 3)
                                        .stride(2, 1)
                                        .nOut(3)
                                        .dataFormat(format)
                                        .build()),
                        unmasked(
                                "Deconvolution2D, same",
                                Layout.valueOf(format.name()),
                                () -> new Deconvolution2D.Builder(3, 3)
                                        .convolutionMode(ConvolutionMode.Same)
                                        .nOut(3)
                                        .dataFormat(format)
                                        .build()),
                        unmasked(
                                "DepthwiseConvolution2D, strided, same",
                                Layout.valueOf(format.name()),
                                () -> new DepthwiseConvolution2D.Builder(3, 2)
                                        .stride(2, 2)
                                        .convolutionMode(ConvolutionMode.Same)
                                        .depthMultiplier(2)
                                        .dataFormat(format)
                                        .build()),
                        unmasked(
                                "SeparableConvolution2D, strided",
                                Layout.valueOf(format.name()),
                                () -> new SeparableConvolution2D.Builder(2, 2)
                                        .stride(2, 1)
                                        .nOut(3)
                                        .dataFormat(format)
                                        .build()),
                        unmasked(
                                "SeparableConvolution2D, same",
                                Layout.valueOf(format.name()),
                                () -> new SeparableConvolution2D.Builder(3, 3)
                                        .convolutionMode(ConvolutionMode.Same)
                                        .depthMultiplier(2)
                                        .nOut(3)
                                        .dataFormat(format)
                                        .build()),
                        unmasked(
                                "LocallyConnected2D, strided",
                                Layout.valueOf(format.name()),
                                () -> new LocallyConnected2D.Builder()
                                        .kernelSize(2, 2)
                                        .stride(2, 2)
                                        .nOut(3)
                                        .dataFormat(format)
                                        .build()),
                        unmasked(
                                "ConvolutionLayer, dilated, same",
                                Layout.valueOf(format.name()),
                                () -> new ConvolutionLayer.Builder(3, 2)
                                        .dilation(2, 1)
                                        .convolutionMode(ConvolutionMode.Same)
                                        .nOut(3)
                                        .dataFormat(format)
                                        .build()),
                        unmasked(
                                "ConvolutionLayer, strided, padded",
                                Layout.valueOf(format.name()),
                                () -> new ConvolutionLayer.Builder(3, 3)
                                        .stride(2, 2)
                                        .padding(1, 1)
                                        .nOut(3)
                                        .dataFormat(format)
                                        .build())));
    }

    private static Stream<Case> sequences() {
        return Stream.of(false, true)
                .flatMap(masked -> Stream.of(RNNFormat.values())
                        .flatMap(format -> Stream.of(
                                sequence("LSTM", format, masked, () -> lstm(format)),
                                sequence(
                                        "SimpleRnn",
                                        format,
                                        masked,
                                        () -> new SimpleRnn.Builder()
                                                .nOut(3)
                                                .dataFormat(format)
                                                .build()),
                                sequence(
                                        "Bidirectional",
                                        format,
                                        masked,
                                        () -> new Bidirectional(Bidirectional.Mode.ADD, lstm(format))))));
    }

    private static Layer lstm(RNNFormat format) {
        return new LSTM.Builder().nOut(3).dataFormat(format).build();
    }

    private static Stream<Case> others() {
        return Stream.of(
                sequence(
                        "SelfAttentionLayer",
                        RNNFormat.NCW,
                        true,
                        () -> new SelfAttentionLayer.Builder()
                                .nOut(4)
                                .nHeads(2)
                                .projectInput(true)
                                .build()),
                sequence(
                        "Convolution1DLayer, causal, dilated",
                        RNNFormat.NCW,
                        false,
                        () -> new Convolution1DLayer.Builder(2)
                                .dilation(2)
                                .convolutionMode(ConvolutionMode.Causal)
                                .nOut(3)
                                .build()),
                unmasked(
                        "Convolution3D, strided",
                        Layout.NCDHW,
                        () -> new Convolution3D.Builder(2, 2, 2)
                                .stride(2, 1, 2)
                                .nOut(3)
                                .build()),
                unmasked(
                        "Convolution3D, same",
                        Layout.NDHWC,
                        () -> new Convolution3D.Builder(3, 2, 2)
                                .convolutionMode(ConvolutionMode.Same)
                                .dataFormat(Convolution3D.DataFormat.NDHWC)
                                .nOut(3)
                                .build()));
    }

    static Stream<Case> cases() {
        return Stream.of(pictures(), sequences(), others()).flatMap(one -> one);
    }

    private static double distance(INDArray a, INDArray b) {
        return a.sub(b).amaxNumber().doubleValue();
    }

    @OneIn(12)
    @ParameterizedTest
    @MethodSource("cases")
    @SuppressWarnings("try") // the scope is only closed
    void gradients_are_differences_merged_is_adapted_and_disabled_is_the_base(Case test) {
        BaseModel base = BaseModel.of(test.network());
        LoraConfig plain = LoraConfig.of(1, 2).withTargets("below", "it");
        for (LoraConfig config : List.of(plain, plain.withDora(Dora.TRUE_GRADIENT), plain.withBias(BiasMode.ALL))) {
            AdaptedModel model = AdaptedModel.attach(
                    base,
                    config,
                    FineTuneConfiguration.builder()
                            .updater(new Sgd(0.1))
                            .seed(SEED)
                            .build(),
                    Probe.of(test.data()));
            ComputationGraph graph = model.graph();
            INDArray parameters = graph.params();
            parameters.addi(TestNetworks.normal(TYPE, new Random(SEED), parameters.shape())
                    .muli(0.3));
            int checked = Gradients.check(graph, test.data(), ELEMENTS, SEED);
            LOG.info(test + ": " + checked + " of " + graph.numParams() + " elements against differences");
            INDArray adapted = test.output(graph);
            assertTrue(distance(adapted, test.output(model.merge().network())) < ROUNDING, "merged");
            assertTrue(distance(adapted, test.output(base.network())) > 1e-6, "it does something");
            try (AdapterScope off = model.disable()) {
                assertTrue(distance(test.output(base.network()), test.output(graph)) < ROUNDING, "disabled");
            }
        }
        base.verifyUnchanged();
    }
}
