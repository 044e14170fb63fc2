/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import static org.amend4j.transformer.TransformersInPlansTest.ROUNDING;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.backend.Arithmetic;
import org.amend4j.checkpoint.TransformerConfig;
import org.amend4j.generate.Decoder;
import org.amend4j.generate.DecoderAdapter;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.internal.training.PlanSettings;
import org.amend4j.internal.training.PlannedObjective;
import org.amend4j.internal.transformer.TokenArrays;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.Dora;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Scheme;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.BaseModel;
import org.amend4j.numeric.Vectors;
import org.amend4j.testkit.ClippedByDefinition;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.Gradients;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.testkit.TinyCheckpoint;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

/** Whole graphs of decoders that compute something which Llama does not: trained, in plans, adapted and saved. */
class DecoderFamiliesTest {

    private static final long SEED = 31;

    @TempDir
    Path temp;

    /** Small enough that every parameter's derivative can be compared. */
    private static TinyCheckpoint tiny(String type) {
        return TinyCheckpoint.llama(SEED)
                .with("model_type", type)
                .with("vocab_size", 11)
                .with("hidden_size", 8)
                .with("intermediate_size", 6)
                .with("num_hidden_layers", 1)
                .with("head_dim", 4);
    }

    static Stream<TinyCheckpoint> families() {
        return Stream.of(
                tiny("qwen3").with("attention_bias", true),
                tiny("qwen3")
                        .with("use_sliding_window", true)
                        .with("sliding_window", 2)
                        .with("max_window_layers", 0),
                tiny("gemma"),
                gpt2(),
                gpt2().with("activation_function", "silu").with("n_head", 4));
    }

    private static TinyCheckpoint gpt2() {
        return TinyCheckpoint.gpt2(SEED)
                .with("vocab_size", 11)
                .with("n_embd", 8)
                .with("n_inner", 6)
                .with("n_layer", 1)
                .with("n_head", 2)
                .with("n_positions", 7)
                .with("bos_token_id", 10)
                .with("eos_token_id", 10)
                .with("tie_word_embeddings", false);
    }

    private TransformerModel model(TinyCheckpoint tiny, DataType type) throws IOException {
        return TransformerModel.open(tiny.filled().write(temp.resolve("base")), type);
    }

    private static FineTuneConfiguration by(IUpdater updater) {
        return FineTuneConfiguration.builder().updater(updater).build();
    }

    private static AdaptedModel adapted(TransformerModel model) {
        return adapted(model, Scheme.PLAIN, Targets.regex(".*(_proj|c_attn|c_proj|c_fc)"));
    }

    /** All parameters are moved, so that magnitudes are no norms and biases not the base's. */
    private static AdaptedModel adapted(TransformerModel model, Scheme scheme, Targets targets) {
        AdaptedModel adapted = AdaptedModel.attach(
                BaseModel.of(model.graph()),
                LoraConfig.of(2, 4).withTargets(targets).withScheme(scheme),
                by(new Adam(0.01)));
        SmallNetworks.moved(adapted.graph(), new Random(SEED), 0.3);
        return adapted;
    }

    @ParameterizedTest
    @MethodSource("families")
    @OneIn(3)
    void the_gradient_of_every_parameter_is_a_difference(TinyCheckpoint tiny) throws IOException {
        ComputationGraph graph =
                model(tiny, DataType.DOUBLE).trainedBy(by(new Sgd(0.1))).graph();
        DataSet data = BlocksTest.data(DataType.DOUBLE, true);
        int all = (int) graph.numParams();
        int elements = Exhaustive.times(all / 5, all);
        assertEquals(elements, Gradients.check(graph, data.toMultiDataSet(), elements, SEED));
    }

    /** In full without Adam, which would make steps of the rounding errors of a derivative that is 0, as that of a key's bias. */
    @ParameterizedTest
    @MethodSource("families")
    void plans_take_the_steps_of_fit_in_full_and_with_adapters(TinyCheckpoint tiny) throws IOException {
        TransformerModel model = model(tiny, DataType.DOUBLE);
        DataSet data = BlocksTest.data(DataType.DOUBLE, true);
        ComputationGraph full = model.trainedBy(by(new Sgd(0.1))).graph();
        double whole = TransformersInPlansTest.apartAfterSteps(full, data, Arithmetic.DOUBLE, ROUNDING);
        assertTrue(whole < ROUNDING, "in full: " + whole);
        AdaptedModel adapted = adapted(model);
        INDArray before = adapted.base().network().params().dup();
        double apart = TransformersInPlansTest.apartAfterSteps(adapted.graph(), data, Arithmetic.DOUBLE, ROUNDING);
        assertTrue(apart < ROUNDING, "adapted: " + apart);
        assertTrue(ArrayBytes.same(before, adapted.base().network().params()));
    }

    @ParameterizedTest
    @MethodSource("families")
    void gradients_that_plans_clip_by_record_are_those_of_the_graph(TinyCheckpoint tiny) throws IOException {
        ComputationGraph graph = adapted(model(tiny, DataType.DOUBLE)).graph();
        Records records = Records.of(BlocksTest.data(DataType.DOUBLE, true));
        GraphObjective reference = GraphObjective.of(graph, records);
        double[] theta = reference.parameters();
        double[] expected = new double[theta.length];
        reference.valueAndGradient(theta, expected);
        Clipping clipping = Clipping.perRecord(0.5 * Vectors.norm(expected));
        ClippedByDefinition.of(reference, records, clipping).valueAndGradient(theta, expected);
        try (HostMachine machine = HostMachine.open(2);
                PlannedObjective objective = PlannedObjective.of(
                        machine, graph, records, PlanSettings.DEFAULT.withArithmetic(Arithmetic.DOUBLE))) {
            double[] found = new double[theta.length];
            objective.clipped(clipping).valueAndGradient(theta, found);
            // both kinds of weights allow for 1e-12
            assertArrayEquals(expected, found, 4e-12 * Vectors.norm(expected));
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void what_was_opened_is_saved_to_the_same_bytes(TinyCheckpoint tiny) throws IOException {
        TransformerModel model = model(tiny, DataType.FLOAT);
        model.save(temp.resolve("saved"));
        assertArrayEquals(
                Files.readAllBytes(temp.resolve("base/model.safetensors")),
                Files.readAllBytes(temp.resolve("saved/model.safetensors")));
        assertEquals(model.config(), TransformerConfig.read(temp.resolve("saved/config.json")));
    }

    @ParameterizedTest
    @MethodSource("families")
    void clones_json_and_files_compute_the_same_bytes(TinyCheckpoint tiny) throws IOException {
        ComputationGraph graph = model(tiny, DataType.FLOAT).graph();
        INDArray tokens = BlocksTest.data(DataType.FLOAT, true).getFeatures();
        INDArray expected = graph.outputSingle(tokens);
        assertTrue(ArrayBytes.same(expected, graph.clone().outputSingle(tokens)));
        String json = graph.getConfiguration().toJson();
        assertEquals(graph.getConfiguration(), ComputationGraphConfiguration.fromJson(json));
        graph.save(temp.resolve("model.zip").toFile());
        ComputationGraph read = ComputationGraph.load(temp.resolve("model.zip").toFile(), false);
        assertTrue(ArrayBytes.same(expected, read.outputSingle(tokens)));
    }

    /** So that names that end in {@code q_proj}, or a pattern for all, reach no norm. */
    @ParameterizedTest
    @MethodSource("families")
    void adapters_are_on_linears_and_on_no_norm(TinyCheckpoint tiny) throws IOException {
        List<String> layers = AdaptedModel.adaptableLayers(
                BaseModel.of(model(tiny, DataType.FLOAT).graph()));
        assertTrue(layers.stream().anyMatch(name -> name.endsWith("q_proj") || name.endsWith("c_attn")));
        assertTrue(layers.stream().noneMatch(name -> name.contains("norm") || name.contains("ln_")), layers.toString());
    }

    static Stream<Arguments> familiesAndSchemes() {
        List<Scheme> schemes = List.of(
                Scheme.PLAIN,
                Scheme.PLAIN.withDora(Dora.DETACHED_NORM),
                Scheme.PLAIN.withBias(BiasMode.ALL),
                Scheme.PLAIN.withDora(Dora.TRUE_GRADIENT).withBias(BiasMode.ADAPTED),
                Scheme.PLAIN.withBiasOnB(true),
                Scheme.PLAIN.withBiasOnB(true).withBias(BiasMode.ALL));
        Stream<TinyCheckpoint> all = Stream.concat(families(), Stream.of(tiny("qwen2"), tiny("mistral")));
        return all.flatMap(tiny -> schemes.stream()
                .filter(scheme -> !scheme.biasOnB() || hasBiases(tiny))
                .map(scheme -> Arguments.of(tiny, scheme)));
    }

    /** Under which a bias on B can be. */
    private static boolean hasBiases(TinyCheckpoint tiny) {
        return tiny.flag("attention_bias") || List.of("gpt2", "qwen2").contains(tiny.text("model_type"));
    }

    /** Single precision in the decoder, sums of a dozen terms. */
    @ParameterizedTest
    @MethodSource("familiesAndSchemes")
    @OneIn(3)
    void an_adapter_of_the_graph_computes_the_same_in_generation_and_merged(TinyCheckpoint tiny, Scheme scheme)
            throws IOException {
        TransformerModel model = model(tiny, DataType.DOUBLE);
        BaseModel base = BaseModel.of(model.graph());
        List<String> targets = AdaptedModel.adaptableLayers(base).stream()
                .filter(name -> !scheme.biasOnB() || base.parameters(name).containsKey("b"))
                .toList();
        AdaptedModel adapted = adapted(model, scheme, new Targets.Names(targets));
        adapted.save(temp.resolve("adapter"));
        Decoder decoder = Decoder.open(temp.resolve("base"));
        DecoderAdapter adapter = DecoderAdapter.read(temp.resolve("adapter"));
        List<float[]> logits = decoder.appendAll(decoder.begin(Optional.of(adapter)), 3, 1, 4, 1, 5);
        INDArray tokens = TokenArrays.of(DataType.DOUBLE, List.of(new int[] {3, 1, 4, 1, 5}));
        INDArray expected = adapted.graph().outputSingle(tokens);
        INDArray merged = adapted.merge().network().outputSingle(tokens);
        double largest = expected.amaxNumber().doubleValue();
        for (int t = 0; t < 5; t++) {
            for (int v = 0; v < 11; v++) {
                assertEquals(expected.getDouble(t, v), logits.get(t)[v], 1e-5 * largest);
                assertEquals(expected.getDouble(t, v), merged.getDouble(t, v), 1e-12 * largest);
            }
        }
    }

    /** What Hugging Face's classes start with. */
    @ParameterizedTest
    @MethodSource("families")
    void a_new_model_starts_with_norms_that_only_divide(TinyCheckpoint tiny) throws IOException {
        TransformerConfig config = TransformerConfig.read(tiny.writeConfig(temp));
        ComputationGraph graph =
                TransformerModel.create(config, DataType.DOUBLE, SEED).graph();
        int norms = 0;
        for (Map.Entry<String, INDArray> parameter : graph.paramTable().entrySet()) {
            assertFalse(parameter.getKey().endsWith("_" + RowNorm.BIAS)
                    && parameter.getValue().amaxNumber().doubleValue() > 0);
            if (parameter.getKey().endsWith("_" + RowNorm.GAIN)) {
                double expected = tiny.text("model_type").equals("gemma") ? 0 : 1;
                assertEquals(expected, parameter.getValue().minNumber().doubleValue());
                assertEquals(expected, parameter.getValue().maxNumber().doubleValue());
                norms++;
            }
        }
        assertEquals(tiny.text("model_type").equals("qwen3") ? 5 : 3, norms);
    }
}
