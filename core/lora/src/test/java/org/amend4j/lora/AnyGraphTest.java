/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.internal.lora.perexample.ObservedGraph;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.internal.model.Configurations;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.TrainingExtras;
import org.amend4j.model.BaseModel;
import org.amend4j.testkit.Gradients;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.TestCase;
import org.amend4j.testkit.TestNetworks;
import org.deeplearning4j.earlystopping.saver.InMemoryModelSaver;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.graph.ReshapeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Graphs that Deeplearning4j runs and its own copies, wrappers and gradients spoil. */
class AnyGraphTest {

    private static final long SEED = 11;

    /** Rows of every batch: the reshaped graph has them in its configuration. */
    private static final int ROWS = 4;

    /** Graphs with a vertex that Deeplearning4j's clone damages, and who is adapted below or above it. */
    enum Damaged {
        MERGED_ABOVE_ADAPTERS("left", "out"),
        MERGED_IN_THE_PREFIX("last", "out"),
        RESHAPED_ABOVE_ADAPTERS("below", "out"),
        RESHAPED_IN_THE_PREFIX("out");

        private final String[] targets;

        Damaged(String... targets) {
            this.targets = targets;
        }

        ComputationGraph network() {
            return initialised(name().startsWith("MERGED") ? channelsLast() : reshaped('f'));
        }

        MultiDataSet data() {
            Random random = new Random(SEED);
            return name().startsWith("MERGED")
                    ? new MultiDataSet(
                            TestNetworks.normal(DataType.DOUBLE, random, ROWS, 5, 6, 2),
                            TestNetworks.oneHot(DataType.DOUBLE, random, ROWS, 3, 0))
                    : new MultiDataSet(
                            TestNetworks.normal(DataType.DOUBLE, random, ROWS, 5),
                            TestNetworks.oneHot(DataType.DOUBLE, random, ROWS, 3, 3));
        }

        AdaptedModel attach() {
            return AnyGraphTest.attach(network(), LoraConfig.of(1, 2).withTargets(targets));
        }
    }

    private static GraphBuilder builder() {
        return new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(0.1))
                .activation(Activation.TANH)
                .graphBuilder()
                .addInputs("in");
    }

    private static ComputationGraph initialised(GraphBuilder graph) {
        ComputationGraph network = new ComputationGraph(graph.setOutputs("out").build());
        network.init();
        return network;
    }

    private static ConvolutionLayer convolution(int nOut) {
        return new ConvolutionLayer.Builder(3, 3)
                .nOut(nOut)
                .dataFormat(CNN2DFormat.NHWC)
                .convolutionMode(ConvolutionMode.Same)
                .build();
    }

    private static GraphBuilder channelsLast() {
        return builder()
                .addLayer("left", convolution(2), "in")
                .addLayer("right", convolution(3), "in")
                .addVertex("both", new MergeVertex(), "left", "right")
                .addLayer("last", convolution(4), "both")
                .addLayer(
                        "pool",
                        new GlobalPoolingLayer.Builder().poolingDimensions(1, 2).build(),
                        "last")
                .addLayer("out", classes(), "pool")
                .setInputTypes(InputType.convolutional(5, 6, 2, CNN2DFormat.NHWC));
    }

    private static OutputLayer classes() {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nOut(3)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static GraphBuilder reshaped(char order) {
        return builder()
                .addLayer("below", new DenseLayer.Builder().nIn(5).nOut(6).build(), "in")
                .addVertex("shape", new ReshapeVertex(order, new int[] {ROWS, 2, 3}, null), "below")
                .addLayer("out", steps(2), "shape");
    }

    private static RnnOutputLayer steps(int nIn) {
        return new RnnOutputLayer.Builder(LossFunction.MCXENT)
                .nIn(nIn)
                .nOut(3)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static AdaptedModel attach(ComputationGraph network, LoraConfig config) {
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(network),
                config,
                FineTuneConfiguration.builder().updater(new Sgd(0.1)).build());
        INDArray parameters = model.graph().params();
        parameters.assign(TestNetworks.normal(parameters.dataType(), new Random(SEED), parameters.shape())
                .muli(0.3));
        return model;
    }

    private static INDArray output(ComputationGraph graph, Damaged test) {
        return graph.output(test.data().getFeatures())[0];
    }

    @ParameterizedTest
    @EnumSource
    void disabled_it_is_the_base_and_merged_the_adapted_graph(Damaged test) {
        AdaptedModel model = test.attach();
        try (AdapterScope off = model.disable()) {
            assertClose(output(model.base().network(), test), output(model.graph(), test));
        }
        assertClose(output(model.graph(), test), output(model.merge().network(), test));
        assertNotEquals(
                0, output(model.graph(), test).distance2(output(model.base().network(), test)));
    }

    @ParameterizedTest
    @EnumSource
    void a_users_copies_of_the_adapted_graph_compute_what_it_computes(Damaged test, @TempDir Path dir)
            throws Exception {
        AdaptedModel model = test.attach();
        INDArray expected = output(model.graph(), test);
        assertTrue(ArrayBytes.same(expected, output(model.graph().clone(), test)), "clone()");
        InMemoryModelSaver<ComputationGraph> saver = new InMemoryModelSaver<>();
        saver.saveBestModel(model.graph(), 0);
        assertTrue(ArrayBytes.same(expected, output(saver.getBestModel(), test)), "early stopping's saver");
        File file = dir.resolve("graph.zip").toFile();
        ModelSerializer.writeModel(model.graph(), file, true);
        ComputationGraph read = ModelSerializer.restoreComputationGraph(file);
        assertTrue(ArrayBytes.same(expected, output(read, test)), "ModelSerializer");
        assertTrue(ArrayBytes.same(expected, output(read.clone(), test)), "a clone of what was read");
        ComputationGraph observed =
                ObservedGraph.of(model.graph(), TrainingExtras.LEAVE_OUT).graph();
        assertClose(expected, output(observed, test));
        File merged = dir.resolve("merged.zip").toFile();
        ModelSerializer.writeModel(model.merge().network(), merged, false);
        assertClose(expected, output(ModelSerializer.restoreComputationGraph(merged), test));
        model.save(dir.resolve("adapter"));
        AdaptedModel loaded = AdaptedModel.load(
                model.base(),
                dir.resolve("adapter"),
                FineTuneConfiguration.builder().updater(new Sgd(0.1)).build());
        assertTrue(ArrayBytes.same(expected, output(loaded.graph(), test)), "load");
    }

    @ParameterizedTest
    @EnumSource
    void the_tail_behind_the_compiled_prefix_is_the_graph(Damaged test) {
        AdaptedModel model = test.attach();
        INDArray expected = output(model.graph(), test);
        if (model.prefix().isPresent()) {
            INDArray[] features = model.prefix().orElseThrow().run(test.data().getFeatures());
            assertClose(expected, model.tail().output(features)[0]);
        }
    }

    @ParameterizedTest
    @EnumSource
    void gradients_agree_with_differences_and_training_lowers_the_loss(Damaged test) {
        AdaptedModel model = test.attach();
        assertEquals(model.graph().numParams(), Gradients.check(model.graph(), test.data(), 500, SEED));
        double before = model.graph().score(test.data());
        for (int i = 0; i < 20; i++) {
            model.graph().fit(test.data());
        }
        assertTrue(model.graph().score(test.data()) < before);
    }

    @Test
    void bases_that_differ_in_the_order_of_a_reshape_alone_have_different_fingerprints() {
        assertNotEquals(
                BaseModel.of(initialised(reshaped('c'))).fingerprint(),
                BaseModel.of(initialised(reshaped('f'))).fingerprint());
    }

    @SuppressWarnings("deprecation") // old models have it
    static Stream<Layer> bidirectional() {
        return Stream.of(
                new Bidirectional(new LSTM.Builder().nOut(3).build()),
                new Bidirectional(
                        Bidirectional.Mode.ADD, new SimpleRnn.Builder().nOut(3).build()),
                new Bidirectional(
                        Bidirectional.Mode.MUL, new LSTM.Builder().nOut(3).build()),
                new Bidirectional(
                        Bidirectional.Mode.AVERAGE, new LSTM.Builder().nOut(3).build()),
                new MaskZeroLayer(new Bidirectional(new LSTM.Builder().nOut(3).build()), 0),
                new LastTimeStep(new Bidirectional(new LSTM.Builder().nOut(3).build())),
                new GravesBidirectionalLSTM.Builder().nOut(3).build());
    }

    @ParameterizedTest
    @MethodSource("bidirectional")
    @OneIn(2)
    void a_bidirectional_layer_above_an_adapter_hands_the_gradient_down(Layer layer) {
        boolean last = layer instanceof LastTimeStep;
        ComputationGraph network = initialised(builder()
                .addLayer("below", new Convolution1DLayer.Builder(1).nOut(4).build(), "in")
                .addLayer("both", layer, "below")
                .addLayer("out", last ? classes() : steps(0), "both")
                .setInputTypes(InputType.recurrent(3, 5, RNNFormat.NCW)));
        AdaptedModel model = attach(network, LoraConfig.of(2, 4).withTargets("below"));
        Random random = new Random(SEED);
        MultiDataSet data = new MultiDataSet(
                TestNetworks.normal(DataType.DOUBLE, random, ROWS, 3, 5),
                TestNetworks.oneHot(DataType.DOUBLE, random, ROWS, 3, last ? 0 : 5));
        assertEquals(model.graph().numParams(), Gradients.check(model.graph(), data, 500, SEED));
        double before = model.graph().score(data);
        for (int i = 0; i < 5; i++) {
            model.graph().fit(data);
        }
        assertTrue(model.graph().score(data) < before);
    }

    @Test
    void a_samediff_layer_trained_in_full_has_its_true_gradient(@TempDir Path dir) throws Exception {
        AdaptedModel model = attach(
                TestNetworks.attention(DataType.DOUBLE, SEED),
                LoraConfig.of(2, 4).withTargets("above").withTrainedInFull("self"));
        MultiDataSet data = TestCase.ABOVE_ATTENTION.data(DataType.DOUBLE, ROWS, SEED);
        assertEquals(model.graph().numParams(), Gradients.check(model.graph(), data, 500, SEED));
        INDArray expected = model.graph().output(data.getFeatures())[0];
        assertTrue(ArrayBytes.same(expected, model.graph().clone().output(data.getFeatures())[0]));
        assertClose(expected, model.merge().network().output(data.getFeatures())[0]);
        File file = dir.resolve("graph.zip").toFile();
        ModelSerializer.writeModel(model.graph(), file, true);
        ComputationGraph read = ModelSerializer.restoreComputationGraph(file);
        model.graph().fit(data);
        read.fit(data);
        assertTrue(ArrayBytes.same(model.graph().params(), read.params()));
    }

    /** What TransferLearning.setFeatureExtractor leaves, which cannot do it in double: all but the output in a FrozenLayer. */
    static ComputationGraph frozen(ComputationGraph network) {
        ComputationGraphConfiguration configuration = Configurations.copy(network.getConfiguration());
        configuration.getVertices().forEach((name, vertex) -> {
            if (vertex instanceof LayerVertex layer
                    && !configuration.getNetworkOutputs().contains(name)) {
                FrozenLayer ice = new FrozenLayer(layer.getLayerConf().getLayer());
                ice.setLayerName(name);
                layer.getLayerConf().setLayer(ice);
            }
        });
        ComputationGraph result = new ComputationGraph(configuration);
        result.init(network.params().dup(), false);
        return result;
    }

    @Test
    void layers_that_transfer_learning_froze_take_adapters_and_hand_gradients_down(@TempDir Path dir) throws Exception {
        ComputationGraph network =
                frozen(TestNetworks.convolutional(DataType.DOUBLE, CNN2DFormat.NCHW, ConvolutionMode.Same, SEED));
        INDArray base = network.params().dup();
        AdaptedModel model = attach(network, LoraConfig.of(2, 4).withTargets("conv_0", "conv_2", "out"));
        MultiDataSet data = TestCase.NCHW.data(DataType.DOUBLE, ROWS, SEED);
        assertEquals(model.graph().numParams(), Gradients.check(model.graph(), data, 500, SEED));
        INDArray adapted = model.graph().output(data.getFeatures())[0];
        try (AdapterScope off = model.disable()) {
            assertClose(network.output(data.getFeatures())[0], model.graph().output(data.getFeatures())[0]);
        }
        assertClose(adapted, model.merge().network().output(data.getFeatures())[0]);
        model.save(dir);
        AdaptedModel loaded = AdaptedModel.load(
                model.base(),
                dir,
                FineTuneConfiguration.builder().updater(new Sgd(0.1)).build());
        assertTrue(ArrayBytes.same(adapted, loaded.graph().output(data.getFeatures())[0]));
        double before = model.graph().score(data);
        model.graph().fit(data);
        assertTrue(model.graph().score(data) < before);
        assertTrue(ArrayBytes.same(base, network.params()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_layer_that_deeplearning4j_froze_is_not_trained_in_full_in_silence(boolean withBackprop) {
        Layer dense = new DenseLayer.Builder()
                .nIn(5)
                .nOut(6)
                .activation(Activation.TANH)
                .build();
        ComputationGraph network = initialised(builder()
                .addLayer("below", new DenseLayer.Builder().nIn(5).nOut(5).build(), "in")
                .addLayer("ice", withBackprop ? new FrozenLayerWithBackprop(dense) : new FrozenLayer(dense), "below")
                .addLayer("out", classes(), "ice")
                .setInputTypes(InputType.feedForward(5)));
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> attach(
                                network, LoraConfig.of(1, 2).withTargets("out").withTrainedInFull("ice")))
                .getMessage();
        for (String word : List.of("'ice'", withBackprop ? "FrozenLayerWithBackprop" : "FrozenLayer", "DenseLayer")) {
            assertTrue(message.contains(word), message);
        }
    }

    /** Up to rounding: sums of fewer than a thousand numbers of size 1 in double. */
    private static void assertClose(INDArray expected, INDArray actual) {
        assertEquals(Arrays.toString(expected.shape()), Arrays.toString(actual.shape()));
        assertEquals(0, expected.sub(actual).amaxNumber().doubleValue(), 1e-12);
    }
}
