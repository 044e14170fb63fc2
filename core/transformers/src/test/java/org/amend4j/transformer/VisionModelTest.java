/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.checkpoint.TransformerCheckpoint;
import org.amend4j.checkpoint.TransformerConfig;
import org.amend4j.graph.Records;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.Attachment;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.amend4j.probe.Probe;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.Gradients;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.testkit.TinyCheckpoint;
import org.amend4j.training.PlannedTraining;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InvalidInputTypeException;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;
import org.nd4j.linalg.ops.transforms.Transforms;

/** Vision transformers as graphs compute what their paper says. */
class VisionModelTest {

    private static final long SEED = 29;
    private static final int PICTURES = 3;

    /** Ten rows of 24 numbers, in sums of up to 40 terms of the order 10, through three layers, in double precision. */
    private static final double TOLERANCE = 1e-11;

    private static final String PROJECTIONS = ".*(query|key|value|dense|projection|fc1|fc2|weights_in|weights_out)";

    @TempDir
    Path temp;

    private static TinyCheckpoint vit() {
        return TinyCheckpoint.vit(SEED);
    }

    private static TinyCheckpoint classifier() {
        return vit().with("architectures", List.of("ViTForImageClassification")).with("num_labels", 2);
    }

    private static TinyCheckpoint dinov2() {
        return TinyCheckpoint.dinov2(SEED);
    }

    private static TinyCheckpoint gated() {
        return dinov2().with("use_swiglu_ffn", true);
    }

    private static TinyCheckpoint classifying(TinyCheckpoint dinov2) {
        return dinov2.with("architectures", List.of("Dinov2ForImageClassification"))
                .with("num_labels", 2);
    }

    static Stream<TinyCheckpoint> classifiers() {
        return Stream.of(classifier(), classifying(dinov2()), classifying(gated().with("use_mask_token", false)));
    }

    static Stream<TinyCheckpoint> variants() {
        return Stream.of(
                dinov2(),
                gated().with("qkv_bias", false).with("use_mask_token", false).with("layer_norm_eps", 1e-3),
                vit(),
                vit().with("qkv_bias", false).with("layer_norm_eps", 1e-3).with("num_channels", 1),
                vit().with("image_size", 4).with("patch_size", 4));
    }

    private static double[][][][] pictures(TinyCheckpoint tiny) {
        Random random = new Random(SEED);
        int side = tiny.integer("image_size");
        double[][][][] pictures = new double[PICTURES][tiny.integer("num_channels")][side][side];
        for (double[][][] picture : pictures) {
            for (double[][] channel : picture) {
                for (double[] row : channel) {
                    for (int x = 0; x < side; x++) {
                        row[x] = random.nextGaussian();
                    }
                }
            }
        }
        return pictures;
    }

    private static INDArray array(TinyCheckpoint tiny) {
        return Nd4j.createFromArray(pictures(tiny));
    }

    private static DataSet labelled(DataType type) {
        INDArray labels = Nd4j.createFromArray(new double[][] {{1, 0}, {0, 1}, {1, 0}});
        return new DataSet(array(vit()).castTo(type), labels.castTo(type));
    }

    private static void assertNear(double[][] expected, INDArray found) {
        assertArrayEquals(new long[] {expected.length, expected[0].length}, found.shape());
        for (int row = 0; row < expected.length; row++) {
            assertArrayEquals(expected[row], found.getRow(row).dup().toDoubleVector(), TOLERANCE);
        }
    }

    private static FineTuneConfiguration by(IUpdater updater) {
        return FineTuneConfiguration.builder().updater(updater).build();
    }

    @ParameterizedTest
    @MethodSource("variants")
    void rows_of_pictures_are_those_of_the_paper(TinyCheckpoint tiny) throws IOException {
        TransformerModel model = TransformerModel.open(tiny.filled().write(temp), DataType.DOUBLE);
        NaiveVision naive = new NaiveVision(tiny);
        double[][] expected = Stream.of(pictures(tiny))
                .flatMap(picture -> Stream.of(naive.rows(picture)))
                .toArray(double[][]::new);
        assertNear(expected, model.graph().outputSingle(array(tiny)));
        INDArray lyingOtherwise = array(tiny).permute(0, 1, 3, 2).dup('f').permute(0, 1, 3, 2);
        assertNear(expected, model.graph().outputSingle(lyingOtherwise));
    }

    @ParameterizedTest
    @EnumSource
    void pooled_rows_are_the_class_tokens_the_mean_or_the_last(Pooling pooling) throws IOException {
        TinyCheckpoint tiny = vit().filled();
        ComputationGraph graph = TransformerModel.open(
                        tiny.write(temp), DataType.DOUBLE, new EncoderOutput.Pooled(pooling))
                .graph();
        double[][] expected = new double[PICTURES][];
        for (int k = 0; k < PICTURES; k++) {
            double[][] rows = new NaiveVision(tiny).rows(pictures(tiny)[k]);
            expected[k] = switch (pooling) {
                case FIRST -> rows[0];
                case LAST -> rows[rows.length - 1];
                case MEAN -> Nd4j.createFromArray(rows).mean(0).toDoubleVector();
            };
        }
        assertNear(expected, graph.outputSingle(array(tiny)));
    }

    @ParameterizedTest
    @MethodSource("classifiers")
    void a_classifiers_probabilities_are_those_of_the_rows_that_its_family_reads(TinyCheckpoint tiny)
            throws IOException {
        tiny.filled();
        TransformerModel model = TransformerModel.open(tiny.write(temp), DataType.DOUBLE);
        double[][] logits =
                Stream.of(pictures(tiny)).map(new NaiveVision(tiny)::classes).toArray(double[][]::new);
        INDArray expected = Transforms.softmax(Nd4j.createFromArray(logits));
        assertNear(expected.toDoubleMatrix(), model.graph().outputSingle(array(tiny)));
    }

    /** Of the class token, the positions, the patches' projection, scales and all else. */
    @ParameterizedTest
    @MethodSource("classifiers")
    void gradients_are_differences(TinyCheckpoint tiny) throws IOException {
        ComputationGraph graph = TransformerModel.open(
                        tiny.with("num_hidden_layers", 1).filled().write(temp), DataType.DOUBLE)
                .trainedBy(by(new Sgd(0.1)))
                .graph();
        int elements = Exhaustive.times(50, 200);
        assertEquals(elements, Gradients.check(graph, labelled(DataType.DOUBLE).toMultiDataSet(), elements, SEED));
    }

    /** A convolution below the patches gets its gradient through them. */
    @Test
    void gradients_go_through_patches_to_what_makes_pictures() {
        ComputationGraphConfiguration configuration = new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(0.1))
                .graphBuilder()
                .addInputs("pictures")
                .addLayer(
                        "convolution",
                        new ConvolutionLayer.Builder(1, 1)
                                .nIn(3)
                                .nOut(2)
                                .activation(Activation.TANH)
                                .build(),
                        "pictures")
                .addVertex("patches", new PicturePatches(6, 3), "convolution")
                .addVertex("tokens", new PictureTokens(5), "pictures")
                .addLayer("projection", new DenseLayer.Builder().nIn(18).nOut(4).build(), "patches")
                .addLayer(
                        "embeddings",
                        new PatchEmbedding.Builder(4).nIn(4).nOut(4).build(),
                        "projection")
                .addVertex(
                        "attention",
                        new MultiHeadAttention(AttentionRule.bidirectional(2)),
                        "embeddings",
                        "embeddings",
                        "embeddings",
                        "tokens")
                .addVertex("pooled", new SequencePooling(Pooling.MEAN), "attention", "tokens")
                .addLayer("out", SmallNetworks.output(4, 2, LossFunction.MCXENT, Activation.SOFTMAX), "pooled")
                .setOutputs("out")
                .build();
        ComputationGraph graph = new ComputationGraph(ComputationGraphConfiguration.fromJson(configuration.toJson()));
        graph.init();
        SmallNetworks.moved(graph, new Random(SEED), 0.3);
        assertEquals(
                graph.numParams(),
                Gradients.check(graph, labelled(DataType.DOUBLE).toMultiDataSet(), (int) graph.numParams(), SEED));
        Path file = temp.resolve("graph.zip");
        INDArray expected = graph.outputSingle(array(vit()));
        assertTrue(ArrayBytes.same(expected, graph.clone().outputSingle(array(vit()))));
        assertTrue(ArrayBytes.same(expected, stored(graph, file).outputSingle(array(vit()))));
    }

    private static ComputationGraph stored(ComputationGraph graph, Path file) {
        try {
            graph.save(file.toFile());
            return ComputationGraph.load(file.toFile(), true);
        } catch (IOException unreadable) {
            throw new AssertionError(unreadable);
        }
    }

    @Test
    void what_was_opened_and_saved_is_the_same_model() throws IOException {
        for (TinyCheckpoint tiny :
                List.of(vit(), classifier(), vit().with("qkv_bias", false), dinov2(), gated(), classifying(gated()))) {
            Path folder = tiny.filled()
                    .drop("pooler.dense.weight")
                    .drop("pooler.dense.bias")
                    .write(temp.resolve("original"));
            TransformerModel model = TransformerModel.open(folder, DataType.FLOAT);
            model.save(temp.resolve("saved"));
            assertEquals(model.config(), TransformerConfig.read(temp.resolve("saved/config.json")));
            try (TransformerCheckpoint saved = TransformerCheckpoint.open(temp.resolve("saved"))) {
                assertEquals(Set.copyOf(tiny.names()), saved.shapes().keySet());
                for (String name : tiny.names()) {
                    assertArrayEquals(tiny.values(name), saved.read(name), name);
                }
            }
        }
    }

    @Test
    void a_model_from_nothing_starts_as_hugging_faces_and_learns() throws IOException {
        TransformerConfig config = TransformerConfig.read(classifier().writeConfig(temp));
        TransformerModel model =
                TransformerModel.create(config, DataType.FLOAT, SEED).trainedBy(by(new Adam(0.003)));
        ComputationGraph graph = model.graph();
        assertEquals(
                1,
                graph.getLayer("vit.encoder.layer.0.layernorm_before")
                        .getParam(RowNorm.GAIN)
                        .minNumber()
                        .doubleValue());
        double deviation = graph.getLayer("vit.embeddings")
                .getParam(PatchEmbedding.POSITIONS)
                .stdNumber()
                .doubleValue();
        assertEquals(0.02, deviation, 6 * 0.02 / Math.sqrt(2 * 240));
        DataSet data = labelled(DataType.FLOAT);
        double start = graph.score(data);
        for (int step = 0; step < 40; step++) {
            graph.fit(data);
        }
        assertTrue(graph.score(data) < start / 4, start + " to " + graph.score(data));
        model.save(temp.resolve("saved"));
        assertTrue(ArrayBytes.same(
                graph.params(),
                TransformerModel.open(temp.resolve("saved"), DataType.FLOAT)
                        .graph()
                        .params()));
    }

    static Stream<TinyCheckpoint> headless() {
        return Stream.of(vit(), dinov2(), gated());
    }

    @ParameterizedTest
    @MethodSource("headless")
    @OneIn(3)
    void an_adapter_on_all_projections_learns_classes_and_is_merged_into_a_checkpoint(TinyCheckpoint tiny)
            throws IOException {
        EncoderOutput output = new EncoderOutput.Classes(List.of("cat", "dog"), Optional.empty(), SEED);
        TransformerModel model = TransformerModel.open(tiny.filled().write(temp), DataType.FLOAT, output);
        BaseModel base = BaseModel.of(model.graph());
        INDArray before = base.network().params().dup();
        AdaptedModel adapted = AdaptedModel.attach(
                base,
                LoraConfig.of(2, 4).withTargets(Targets.regex(PROJECTIONS)).withTrainedInFull("classifier"),
                by(new Adam(0.01)));
        DataSet data = labelled(DataType.FLOAT);
        double first = adapted.graph().score(data);
        for (int step = 0; step < 30; step++) {
            adapted.graph().fit(data);
        }
        double last = adapted.graph().score(data);
        assertTrue(last < first / 4, first + " to " + last);
        assertTrue(ArrayBytes.same(before, base.network().params()));
        Path merged = temp.resolve("merged");
        new TransformerModel(model.config(), adapted.merge().network()).save(merged);
        assertEquals(last, TransformerModel.open(merged, DataType.FLOAT).graph().score(data), 1e-3 * first);
        adapted.save(temp.resolve("adapter"));
        AdaptedModel read = AdaptedModel.load(base, temp.resolve("adapter"), by(new Sgd(0)));
        assertTrue(ArrayBytes.same(
                adapted.graph().outputSingle(data.getFeatures()), read.graph().outputSingle(data.getFeatures())));
    }

    @Test
    void gradients_of_adapters_are_differences_above_a_frozen_prefix_too() throws IOException {
        String below = ".*(query|value|projection)";
        String above = ".*layer.2.attention.attention.(query|value)";
        gradients_of_adapters_are_differences(vit(), below);
        gradients_of_adapters_are_differences(vit(), above);
        gradients_of_adapters_are_differences(gated(), below);
        gradients_of_adapters_are_differences(gated(), above);
    }

    private void gradients_of_adapters_are_differences(TinyCheckpoint tiny, String targets) throws IOException {
        EncoderOutput output = new EncoderOutput.Classes(List.of("cat", "dog"), Optional.empty(), SEED);
        BaseModel base = BaseModel.of(TransformerModel.open(tiny.filled().write(temp), DataType.DOUBLE, output)
                .graph());
        ComputationGraph graph = AdaptedModel.attach(
                        base, LoraConfig.of(2, 4).withTargets(Targets.regex(targets)), by(new Sgd(0.1)))
                .graph();
        SmallNetworks.moved(graph, new Random(SEED), 0.2);
        int elements = Exhaustive.times(25, 100);
        assertEquals(elements, Gradients.check(graph, labelled(DataType.DOUBLE).toMultiDataSet(), elements, SEED));
    }

    static Stream<Arguments> planned() {
        return Stream.of(false, true)
                .flatMap(adapted -> Stream.of(
                        arguments(classifier(), adapted, 5 + 3 * 3),
                        arguments(classifying(dinov2()), adapted, 5 + 3 * 5),
                        arguments(classifying(gated()), adapted, 5 + 3 * 6)));
    }

    /**
     * Products are kernels' of the plan, which knows no rows of pictures: Deeplearning4j's layers compute the rest within it, norms,
     * attention, scales, gates, and what makes rows.
     */
    @ParameterizedTest
    @MethodSource("planned")
    @OneIn(2)
    void plans_take_the_steps_of_fit(TinyCheckpoint tiny, boolean adapted, int left) throws IOException {
        TransformerModel model = TransformerModel.open(tiny.filled().write(temp), DataType.DOUBLE);
        ComputationGraph graph = adapted
                ? AdaptedModel.attach(
                                BaseModel.of(model.graph()),
                                LoraConfig.of(2, 4).withTargets(Targets.regex(".*(query|value|dense|projection)")),
                                by(new Sgd(0.1)))
                        .graph()
                : model.trainedBy(by(new Sgd(0.1))).graph();
        SmallNetworks.moved(graph, new Random(SEED), 0.2);
        ComputationGraph fitted = graph.clone();
        DataSet data = labelled(DataType.DOUBLE);
        try (HostMachine machine = HostMachine.open(2);
                PlannedTraining training =
                        PlannedTraining.of(machine, graph, Records.of(data), PICTURES, Arithmetic.DOUBLE)) {
            List<String> delegated = Pattern.compile("'([^']+)' [(]")
                    .matcher(training.delegation().orElse(""))
                    .results()
                    .map(found -> found.group(1))
                    .toList();
            assertEquals(left, delegated.size(), delegated.toString());
            assertTrue(delegated.stream().noneMatch(vertex -> vertex.matches(PROJECTIONS)), delegated.toString());
            for (int step = 0; step < 3; step++) {
                training.step(0, 1, 2);
                fitted.fit(data);
                assertEquals(fitted.score(), training.loss(), 1e-11);
            }
            training.copyInto(graph);
        }
        assertEquals(0, graph.params().sub(fitted.params()).amaxNumber().doubleValue(), 1e-11);
    }

    @Test
    void an_adapted_graph_is_probed_on_pictures() throws IOException {
        BaseModel base =
                BaseModel.of(TransformerModel.open(classifier().filled().write(temp), DataType.FLOAT)
                        .graph());
        AdaptedModel adapted = AdaptedModel.attach(
                base,
                LoraConfig.of(2, 4).withTargets(Targets.regex(".*(query|value)")),
                Attachment.of(by(new Sgd(0.1))).withProbe(Probe.of(array(vit()).castTo(DataType.FLOAT))));
        assertTrue(
                adapted.probed().sentence().startsWith("probed with pictures [3, 3, 6, 6]: all"),
                adapted.probed().sentence());
    }

    @Test
    void pictures_of_another_size_and_poolings_that_hugging_face_does_not_have_are_refused() throws IOException {
        Path folder = vit().filled().write(temp);
        ComputationGraph graph = TransformerModel.open(folder, DataType.FLOAT).graph();
        refused(
                IllegalArgumentException.class,
                "vertex 'patches' reads pictures [examples, channels, 6, 6], got [2, 3, 12, 12]",
                () -> graph.outputSingle(Nd4j.ones(2, 3, 12, 12)));
        refused(
                IllegalArgumentException.class,
                "pooling must be empty, got MEAN",
                () -> TransformerModel.open(
                        folder,
                        DataType.FLOAT,
                        new EncoderOutput.Classes(List.of("a", "b"), Optional.of(Pooling.MEAN), 1)));
        refused(
                IllegalArgumentException.class,
                "a vision transformer has no tokens to be masked",
                () -> TransformerModel.open(folder, DataType.FLOAT, new EncoderOutput.MaskedTokens(1)));
        refused(
                IllegalArgumentException.class,
                "the side of pictures must be a multiple of the patches' 4, got 6",
                () -> new PicturePatches(6, 4));
        PicturePatches patches = new PicturePatches(6, 3);
        assertEquals(InputType.feedForward(18), patches.getOutputType(0, InputType.convolutional(6, 6, 2)));
        refused(
                InvalidInputTypeException.class,
                "reads pictures [channels, 6, 6]",
                () -> patches.getOutputType(0, InputType.convolutional(3, 6, 2)));
    }
}
