/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.graph.Records;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.graph.GraphAdapters;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.AdapterReport.LayerReport;
import org.amend4j.lora.AdapterReport.Status;
import org.amend4j.lora.Zoo.Animal;
import org.amend4j.lora.config.AdapterInit;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.FactorTraining;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.lora.explain.ExplainedVertex;
import org.amend4j.lora.explain.LoraExplanation;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.lora.file.ModuleMap;
import org.amend4j.lora.serving.AdapterSet;
import org.amend4j.model.BaseModel;
import org.amend4j.model.UnsupportedNetworkException;
import org.amend4j.probe.Probe;
import org.amend4j.safetensors.SafetensorsFile;
import org.amend4j.testkit.Gradients;
import org.amend4j.testkit.TestNetworks;
import org.amend4j.training.PlannedTraining;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

/** Trained tokens of embeddings obey the laws of adapters, and cost in proportion to themselves. */
class TrainedTokensLawsTest {

    private static final long SEED = 17;
    private static final double ROUNDING = 1e-12;
    private static final String KEY = "it_tokens";
    private static final LoraConfig NOTHING = LoraConfig.of(1, 2).withTargets();

    static Stream<Animal> embeddings() {
        return Zoo.animals().stream()
                .filter(animal -> Set.of("EmbeddingLayer", "EmbeddingSequenceLayer")
                        .contains(animal.kind().getSimpleName()));
    }

    private static Animal sequence() {
        return embeddings()
                .filter(one -> one.kind().getSimpleName().equals("EmbeddingSequenceLayer"))
                .findFirst()
                .orElseThrow();
    }

    private static FineTuneConfiguration training(IUpdater updater) {
        return FineTuneConfiguration.builder().updater(updater).seed(SEED).build();
    }

    private static AdaptedModel attach(BaseModel base, LoraConfig config) {
        return AdaptedModel.attach(base, config, training(new Sgd(0.05)), Probe.none());
    }

    private static AdaptedModel attach(Animal animal) {
        return attach(BaseModel.of(animal.network()), config(animal));
    }

    /** A token that may not occur, and one that does. */
    private static LoraConfig config(Animal animal) {
        int word = word(animal);
        return NOTHING.withTrainedTokens("it", (word + 1) % 5, word);
    }

    private static int word(Animal animal) {
        return (int) animal.data().getFeatures(0).getDouble(0);
    }

    private static void move(ComputationGraph graph) {
        INDArray parameters = graph.params();
        parameters.addi(TestNetworks.normal(parameters.dataType(), new Random(3), parameters.shape())
                .muli(0.3));
    }

    private static double distance(INDArray a, INDArray b) {
        return a.sub(b).amaxNumber().doubleValue();
    }

    /** An embedding of 9 words in 4 values with a bias, a dense layer of 5, and this. */
    static ComputationGraph words(DataType type, Layer out) {
        ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .dataType(type)
                .activation(Activation.TANH)
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "words",
                        new EmbeddingLayer.Builder()
                                .nIn(9)
                                .nOut(4)
                                .activation(Activation.TANH)
                                .hasBias(true)
                                .biasInit(0.1)
                                .build(),
                        "in")
                .addLayer("dense", new DenseLayer.Builder().nIn(4).nOut(5).build(), "words")
                .addLayer("out", out, "dense")
                .setOutputs("out")
                .build());
        network.init();
        return network;
    }

    private static ComputationGraph words(DataType type) {
        return words(
                type,
                new OutputLayer.Builder()
                        .nIn(5)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build());
    }

    /** Examples of these words. */
    private static MultiDataSet data(DataType type, int... words) {
        INDArray labels = TestNetworks.oneHot(type, new Random(SEED), words.length, 3, 0);
        return new MultiDataSet(Nd4j.createFromArray(words).castTo(type).reshape(words.length, 1), labels);
    }

    @ParameterizedTest
    @MethodSource("embeddings")
    void tokens_start_as_the_base_train_by_their_gradient_merge_are_saved_and_switched_off(
            Animal animal, @TempDir Path folder) throws IOException {
        AdaptedModel model = attach(animal);
        ComputationGraph graph = model.graph();
        MultiDataSet data = animal.data();
        INDArray base = model.base().network().output(data.getFeatures())[0].dup();
        assertTrue(ArrayBytes.same(base, graph.output(data.getFeatures())[0]), "start");
        move(graph);
        INDArray adapted = graph.output(data.getFeatures())[0].dup();
        assertTrue(distance(base, adapted) > 1e-6, "it does something");
        assertEquals(2 * 4, Gradients.check(graph, data, 100, SEED));
        MergedModel merged = model.merge();
        assertTrue(ArrayBytes.same(adapted, merged.network().output(data.getFeatures())[0]), "merged");
        merged.unmerge();
        assertTrue(
                ArrayBytes.same(
                        model.base().network().params(), merged.network().params()),
                "unmerged");
        try (AdapterScope off = model.disable()) {
            assertTrue(ArrayBytes.same(base, graph.output(data.getFeatures())[0]), "disabled");
        }
        assertTrue(ArrayBytes.same(adapted, graph.output(data.getFeatures())[0]), "enabled");
        model.save(folder);
        AdaptedModel loaded = AdaptedModel.load(model.base(), folder, training(new Sgd(0.05)), Probe.none());
        assertTrue(ArrayBytes.same(graph.params(), loaded.graph().params()), "loaded");
        assertEquals(model.report().summary(), loaded.report().summary());
        graph.fit(data);
        model.base().verifyUnchanged();
    }

    @ParameterizedTest
    @MethodSource("embeddings")
    void a_graph_with_tokens_comes_back_from_its_clone_its_json_and_its_zip(Animal animal, @TempDir Path folder)
            throws IOException {
        ComputationGraph graph = attach(animal).graph();
        move(graph);
        INDArray[] features = animal.data().getFeatures();
        INDArray expected = graph.output(features)[0].dup();
        assertTrue(ArrayBytes.same(expected, graph.clone().output(features)[0]), "cloned");
        String json = graph.getConfiguration().toJson();
        assertEquals(json, ComputationGraphConfiguration.fromJson(json).toJson());
        Path zip = folder.resolve("graph.zip");
        ModelSerializer.writeModel(graph, zip.toFile(), true);
        ComputationGraph restored = ModelSerializer.restoreComputationGraph(zip.toFile(), true);
        assertTrue(ArrayBytes.same(expected, restored.output(features)[0]), "restored");
        restored.fit(animal.data());
    }

    /** Against Deeplearning4j's own gradient of the whole table. */
    @ParameterizedTest
    @MethodSource("embeddings")
    void the_gradient_is_the_tokens_rows_of_the_whole_table_s(Animal animal) {
        BaseModel base = BaseModel.of(animal.network());
        MultiDataSet data = animal.data();
        INDArray whole = gradient(attach(base, NOTHING.withTrainedInFull("it")).graph(), data, "it_W");
        INDArray own = gradient(attach(base, config(animal)).graph(), data, KEY);
        int word = word(animal);
        assertTrue(distance(whole.getRow((word + 1) % 5), own.getRow(0)) < ROUNDING);
        assertTrue(distance(whole.getRow(word), own.getRow(1)) < ROUNDING);
        assertTrue(own.getRow(1).amaxNumber().doubleValue() > 1e-6, "it occurs");
    }

    @Test
    void masked_steps_add_nothing() {
        Animal animal = sequence();
        INDArray features = animal.data().getFeatures(0);
        INDArray mask = Nd4j.ones(features.dataType(), features.size(0), features.size(features.rank() - 1));
        mask.putScalar(0, 1, 0).putScalar(2, 5, 0);
        MultiDataSet data =
                new MultiDataSet(new INDArray[] {features}, animal.data().getLabels(), new INDArray[] {mask}, null);
        ComputationGraph graph = attach(animal).graph();
        move(graph);
        assertEquals(8, Gradients.check(graph, data, 100, SEED));
    }

    private static INDArray gradient(ComputationGraph graph, MultiDataSet data, String key) {
        graph.setInputs(data.getFeatures());
        graph.setLabels(data.getLabels());
        graph.computeGradientAndScore();
        return Objects.requireNonNull(graph.gradient().getGradientFor(key), key).dup();
    }

    @Test
    void only_named_tokens_move_and_of_those_only_those_that_occur() {
        BaseModel base = BaseModel.of(words(DataType.FLOAT));
        AdaptedModel model = attach(base, NOTHING.withTrainedTokens("words", 3, 7, 5));
        for (int i = 0; i < 3; i++) {
            model.graph().fit(data(DataType.FLOAT, 3, 1, 5, 3, 0, 8));
        }
        INDArray before = base.parameters("words").get("W");
        INDArray after = model.merge().network().getParam("words_W");
        List<Integer> moved = IntStream.range(0, 9)
                .filter(word -> !ArrayBytes.same(
                        before.getRow(word).dup(), after.getRow(word).dup()))
                .boxed()
                .toList();
        assertEquals(List.of(3, 5), moved);
        base.verifyUnchanged();
    }

    @Test
    void only_the_rows_are_parameters_and_they_are_counted() {
        BaseModel base = BaseModel.of(words(DataType.FLOAT));
        LoraConfig config = LoraConfig.of(2, 4)
                .withTargets("dense")
                .withTrainedInFull("out")
                .withTrainedTokens("words", 8, 2, 4);
        AdaptedModel model = AdaptedModel.attach(base, config, training(new Adam(0.01)), Probe.automatic());
        int tokens = 3 * 4;
        int all = tokens + 2 * (4 + 5) + 5 * 3 + 3;
        ComputationGraph graph = model.graph();
        assertEquals(all, graph.numParams());
        model.graph().fit(data(DataType.FLOAT, 2, 8, 1, 4));
        assertEquals(all, graph.gradient().gradient().length());
        assertEquals(2L * all, graph.getUpdater().getStateViewArray().length());
        LayerReport words = model.report().layers().get(0);
        assertEquals(new LayerReport("words", "EmbeddingLayer", Status.TOKENS, 9 * 4 + 4, tokens, 0, 0), words);
        LoraExplanation explained = LoraExplanation.of(base, config);
        assertEquals(model.report().summary(), explained.summary());
        assertEquals(0, explained.adapted().copies());
        ExplainedVertex vertex = explained.vertices().get(0);
        assertEquals(
                List.of(Status.TOKENS, (long) tokens, "8, 2, 4"),
                List.of(vertex.status(), vertex.trained(), vertex.note()));
        assertTrue(explained.brief().contains("'words' in tokens 8, 2, 4: 12 parameters"), explained.brief() + "");
        assertFalse(model.hasPrefix());
    }

    @Test
    void the_file_has_peft_s_tensor_and_comes_back_from_peft_s_layout_to_the_byte(@TempDir Path folder)
            throws IOException {
        BaseModel base = BaseModel.of(words(DataType.FLOAT));
        AdaptedModel model =
                attach(base, LoraConfig.of(2, 4).withTargets("dense").withTrainedTokens("words", 8, 2, 4));
        move(model.graph());
        model.saveForPeft(folder);
        String key = "base_model.model.words.token_adapter.trainable_tokens_delta";
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve(AdapterFile.TENSORS))) {
            assertEquals(
                    List.of(3L, 4L),
                    Objects.requireNonNull(file.tensors().get(key)).shape());
            INDArray rows = model.parameter("words", "tokens");
            assertArrayEquals(rows.dup('c').data().asFloat(), file.readFloats(key));
        }
        Path peft = folder.resolve("peft");
        AdapterFile.export(peft, model.content());
        Path again = folder.resolve("again");
        AdapterFile.export(again, AdapterFile.read(peft, ModuleMap.bySameNames(), List.of("words", "dense", "out")));
        for (String name : List.of(AdapterFile.TENSORS, AdapterFile.CONFIG)) {
            assertArrayEquals(Files.readAllBytes(peft.resolve(name)), Files.readAllBytes(again.resolve(name)), name);
        }
        AdaptedModel loaded = AdaptedModel.load(base, peft, ModuleMap.bySameNames(), training(new Sgd(1)));
        assertTrue(ArrayBytes.same(model.graph().params(), loaded.graph().params()));
        Path own = folder.resolve("own");
        loaded.save(own);
        assertArrayEquals(
                Files.readAllBytes(peft.resolve(AdapterFile.CONFIG)),
                Files.readAllBytes(own.resolve(AdapterFile.CONFIG)));
        AdapterFile.export(own, AdapterFile.read(own));
        assertArrayEquals(
                Files.readAllBytes(peft.resolve(AdapterFile.TENSORS)),
                Files.readAllBytes(own.resolve(AdapterFile.TENSORS)));
    }

    /** Deeplearning4j computes the layer within the plan. */
    @Test
    void a_plan_takes_the_steps_of_fit() {
        Animal animal = sequence();
        ComputationGraph graph = planned(animal);
        ComputationGraph fitted = graph.clone();
        try (HostMachine machine = HostMachine.open(2);
                PlannedTraining training = plan(machine, graph, animal)) {
            for (int step = 0; step < 3; step++) {
                training.step(0, 1, 2);
                fitted.fit(animal.data());
            }
            training.copyInto(graph);
        }
        assertTrue(distance(graph.params(), fitted.params()) < ROUNDING);
    }

    @Test
    void a_plan_refuses_single_tokens_by_name() {
        Animal animal = embeddings().findFirst().orElseThrow();
        try (HostMachine machine = HostMachine.open(2)) {
            refused(
                    UnsupportedNetworkException.class,
                    "vertex 'it' cannot be computed by a plan: it is an EmbeddingLayer that reads words",
                    () -> plan(machine, planned(animal), animal).close());
        }
    }

    private static ComputationGraph planned(Animal animal) {
        return AdaptedModel.attach(
                        BaseModel.of(animal.network()),
                        config(animal).withTrainedInFull("out"),
                        training(new Adam(0.01)),
                        Probe.none())
                .graph();
    }

    private static PlannedTraining plan(HostMachine machine, ComputationGraph graph, Animal animal) {
        return PlannedTraining.of(machine, graph, Records.of(animal.data()), Zoo.BATCH, Arithmetic.DOUBLE);
    }

    @Test
    void lora_plus_trains_tokens_at_the_rate_of_a() {
        BaseModel base = BaseModel.of(words(DataType.DOUBLE));
        LoraConfig config = LoraConfig.of(2, 4).withTargets("dense").withTrainedTokens("words", 3);
        INDArray[] steps = new INDArray[2];
        for (int i = 0; i < 2; i++) {
            Attachment how = Attachment.of(training(new Sgd(0.1)))
                    .withProbe(Probe.none())
                    .withFactors(i == 0 ? FactorTraining.PLAIN : FactorTraining.loraPlus(16));
            AdaptedModel model = AdaptedModel.attach(base, config, how);
            INDArray before = model.parameter("words", "tokens").dup();
            model.graph().fit(data(DataType.DOUBLE, 3, 1, 3));
            steps[i] = model.parameter("words", "tokens").sub(before);
        }
        assertTrue(ArrayBytes.same(steps[0], steps[1]));
        assertTrue(steps[0].amaxNumber().doubleValue() > 0);
    }

    @Test
    void tokens_train_beside_a_start_that_moves_the_base_of_other_layers(@TempDir Path folder) throws IOException {
        BaseModel base = BaseModel.of(words(DataType.DOUBLE));
        AdaptedModel model = attach(
                base,
                LoraConfig.of(2, 4)
                        .withTargets("dense")
                        .withInit(AdapterInit.PISSA)
                        .withTrainedTokens("words", 3, 1));
        MultiDataSet data = data(DataType.DOUBLE, 3, 1, 5);
        INDArray before = base.network().output(data.getFeatures())[0].dup();
        assertTrue(distance(before, model.graph().output(data.getFeatures())[0]) < ROUNDING);
        model.graph().fit(data);
        model.save(folder);
        AdaptedModel loaded = AdaptedModel.load(base, folder, training(new Sgd(1)), Probe.none());
        assertTrue(distance(
                        model.graph().output(data.getFeatures())[0],
                        loaded.graph().output(data.getFeatures())[0])
                < ROUNDING);
        try (AdapterScope off = model.disable()) {
            assertTrue(ArrayBytes.same(before, model.graph().output(data.getFeatures())[0]));
        }
    }

    @Test
    void what_peft_refuses_and_what_is_not_in_the_table_is_refused_by_name() {
        BaseModel base = BaseModel.of(words(DataType.FLOAT));
        refused("must be >= 0, different and at least one, got [3, 3]", () -> NOTHING.withTrainedTokens("words", 3, 3));
        refused("must be >= 0, different and at least one, got [-1]", () -> NOTHING.withTrainedTokens("words", -1));
        refused("the trained tokens of 'words' must be >= 0", () -> NOTHING.withTrainedTokens("words"));
        LoraConfig some = NOTHING.withTrainedTokens("words", 3, 1);
        refused(
                "the trained tokens of 'words' must be < 9, the size of its vocabulary, got [9]",
                () -> attach(base, NOTHING.withTrainedTokens("words", 9)));
        refused("'dense'", () -> attach(base, NOTHING.withTrainedTokens("dense", 1)));
        refused(
                "tokens must not be trained of the embedding 'words', which has an adapter: leave it out of the targets",
                () -> attach(base, some.withTargets("words")));
        refused("which is trained in full", () -> attach(base, some.withTrainedInFull("words")));
        refused("which has a trained bias", () -> attach(base, some.withBias(BiasMode.ALL)));
        refused("must name a layer", () -> attach(base, NOTHING));
        attach(base, some.withTargets(Targets.allLinear()));
        base.verifyUnchanged();
    }

    @Test
    void bounds_of_steps_and_sets_refuse_tokens_by_name() {
        BaseModel base = BaseModel.of(words(DataType.FLOAT));
        AdaptedModel model = attach(base, NOTHING.withTrainedTokens("words", 3));
        refused(UnsupportedNetworkException.class, "vertex 'words' has others", () -> GraphAdapters.of(model.graph()));
        refused(
                "must be without trained tokens, got those of 'words'",
                () -> new AdapterSet(base).add("tokens", model));
    }

    @Test
    void tokens_alone_are_saved_but_not_for_peft(@TempDir Path folder) throws IOException {
        AdaptedModel model = attach(BaseModel.of(words(DataType.FLOAT)), NOTHING.withTrainedTokens("words", 3));
        model.save(folder.resolve("own"));
        refused("here there are only trained tokens: 'words'", () -> model.saveForPeft(folder.resolve("peft")));
        assertFalse(Files.exists(folder.resolve("peft")));
    }

    @Test
    void a_file_whose_tokens_do_not_fit_the_base_is_refused(@TempDir Path folder) throws IOException {
        AdaptedModel model = attach(
                BaseModel.of(words(DataType.FLOAT)),
                LoraConfig.of(1, 2).withTargets("dense").withTrainedTokens("words", 3));
        AdapterFile.export(folder, model.content());
        Path config = folder.resolve(AdapterFile.CONFIG);
        String text = Files.readString(config);
        Files.writeString(config, text.replaceFirst("(\"words\" : \\[\\s*)3", "$1" + 12));
        refused(
                "the trained tokens of 'words' must be < 9",
                () -> AdaptedModel.load(model.base(), folder, ModuleMap.bySameNames(), training(new Sgd(1))));
    }
}
