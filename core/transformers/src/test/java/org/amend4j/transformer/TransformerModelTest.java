/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.generate.Decoder;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.internal.model.ArrayBytes;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.AdapterReport;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.lora.explain.LoraExplanation;
import org.amend4j.lora.serving.AdapterSet;
import org.amend4j.model.BaseModel;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.RecordIds;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.testkit.TinyCheckpoint;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;

/** A checkpoint as a graph computes what the decoder does, and is a base for adapters. */
class TransformerModelTest {

    private static final long SEED = 17;
    private static final int LENGTH = 9;

    /** Of the largest logit: three layers of products of up to 40 terms in single precision, in the decoder. */
    private static final double TOLERANCE = 2e-4;

    @TempDir
    Path temp;

    static Stream<TinyCheckpoint> checkpoints() {
        return Stream.of(
                TinyCheckpoint.llama(SEED),
                TinyCheckpoint.llama(SEED).with("tie_word_embeddings", true).with("attention_bias", true),
                TinyCheckpoint.llama(SEED).with("hidden_act", "gelu"),
                TinyCheckpoint.llama(SEED).with("hidden_act", "gelu_pytorch_tanh"),
                TinyCheckpoint.llama(SEED)
                        .with("num_key_value_heads", 4)
                        .with("mlp_bias", true)
                        .with("rope_scaling", Map.of("rope_type", "linear", "factor", 2.0)),
                TinyCheckpoint.llama(SEED)
                        .with("head_dim", 8)
                        .with(
                                "rope_scaling",
                                Map.of(
                                        "rope_type", "llama3",
                                        "factor", 4.0,
                                        "low_freq_factor", 1.0,
                                        "high_freq_factor", 4.0,
                                        "original_max_position_embeddings", 16)),
                TinyCheckpoint.llama(SEED)
                        .with("model_type", "qwen2")
                        .with("use_sliding_window", true)
                        .with("sliding_window", 3)
                        .with("max_window_layers", 1),
                TinyCheckpoint.llama(SEED).with("model_type", "mistral").with("sliding_window", 3),
                TinyCheckpoint.llama(SEED).with("model_type", "qwen3").with("head_dim", 6),
                TinyCheckpoint.llama(SEED)
                        .with("model_type", "qwen3")
                        .with("head_dim", 8)
                        .with("attention_bias", true)
                        .with("use_sliding_window", true)
                        .with("sliding_window", 3)
                        .with("max_window_layers", 2),
                TinyCheckpoint.gpt2(SEED),
                TinyCheckpoint.gpt2(SEED).withoutPrefix(),
                TinyCheckpoint.gpt2(SEED)
                        .without("n_inner")
                        .with("tie_word_embeddings", false)
                        .with("activation_function", "silu"),
                TinyCheckpoint.llama(SEED).with("model_type", "gemma").with("head_dim", 8),
                TinyCheckpoint.llama(SEED)
                        .with("model_type", "gemma")
                        .with("head_dim", 6)
                        .with("num_key_value_heads", 1)
                        .with("attention_bias", true)
                        .with("tie_word_embeddings", true));
    }

    @ParameterizedTest
    @MethodSource("checkpoints")
    void its_logits_are_those_of_the_decoder(TinyCheckpoint tiny) throws IOException {
        requireLogitsOfTheDecoder(tiny.filled().write(temp));
    }

    /** A real model, which is not a part of this project: {@code -Damend4j.stories260k=FOLDER}. */
    @Test
    @EnabledIfSystemProperty(named = "amend4j.stories260k", matches = ".+")
    void the_logits_of_a_real_model_are_those_of_the_decoder() throws IOException {
        requireLogitsOfTheDecoder(Path.of(System.getProperty("amend4j.stories260k")));
    }

    private static void requireLogitsOfTheDecoder(Path folder) throws IOException {
        TransformerModel model = TransformerModel.open(folder, DataType.DOUBLE);
        Decoder decoder = Decoder.open(folder);
        int[] ids =
                new Random(SEED).ints(LENGTH, 0, decoder.config().vocabulary()).toArray();
        INDArray logits = model.graph().outputSingle(tokens(ids));
        List<float[]> expected = decoder.appendAll(decoder.begin(), ids);
        double largest = logits.amaxNumber().doubleValue();
        for (int t = 0; t < LENGTH; t++) {
            for (int v = 0; v < decoder.config().vocabulary(); v++) {
                assertEquals(expected.get(t)[v], logits.getDouble(t, v), TOLERANCE * largest, t + ", " + v);
            }
        }
    }

    /** As PEFT counts: a head that is the table is no array of its own. */
    @Test
    void a_table_that_is_the_head_too_counts_once() throws IOException {
        Path folder = TinyCheckpoint.llama(SEED)
                .with("tie_word_embeddings", true)
                .filled()
                .write(temp);
        TransformerModel model = TransformerModel.open(folder, DataType.FLOAT);
        BaseModel base = BaseModel.of(model.graph());
        LoraConfig config = LoraConfig.of(4, 8).withTargets(Targets.regex(".*_proj"));
        AdapterReport report = AdaptedModel.attach(
                        base, config, FineTuneConfiguration.builder().build())
                .report();
        assertTrue(model.parameters() < base.parameterCount(), "the graph has a copy");
        assertEquals(model.parameters() + report.trainable(), report.total());
        assertEquals(report.total(), LoraExplanation.of(base, config).total());
    }

    @Test
    void an_adapter_on_its_projections_learns_and_the_base_stays_as_it_was() throws IOException {
        Path folder = TinyCheckpoint.llama(SEED).filled().write(temp);
        BaseModel base =
                BaseModel.of(TransformerModel.open(folder, DataType.FLOAT).graph());
        INDArray before = base.network().params().dup();
        AdaptedModel model = AdaptedModel.attach(
                base,
                LoraConfig.of(4, 8).withTargets(Targets.regex(".*_proj")),
                FineTuneConfiguration.builder().updater(new Adam(0.01)).build());
        assertEquals(
                3 * 7,
                model.report().layers().stream()
                        .filter(layer -> layer.trainable() > 0)
                        .count());
        DataSet data = nextTokens(new Random(SEED).ints(12, 0, 37).toArray());
        double start = model.graph().score(data);
        for (int step = 0; step < 30; step++) {
            model.graph().fit(data);
        }
        double end = model.graph().score(data);
        assertTrue(end < 0.5 * start, end + " after " + start);
        assertTrue(ArrayBytes.same(before, base.network().params()));
        model.save(folder.resolve("adapter"));
        AdaptedModel loaded = AdaptedModel.load(
                base,
                folder.resolve("adapter"),
                FineTuneConfiguration.builder().updater(new Adam(0.01)).build());
        assertEquals(end, loaded.graph().score(data));
    }

    /** Outputs have rows of tokens, which sets cannot share out. */
    @Test
    void mixed_batches_are_refused_and_gradients_clipped_by_record_are_as_defined() throws IOException {
        Path folder =
                TinyCheckpoint.llama(SEED).with("num_hidden_layers", 1).filled().write(temp);
        BaseModel base =
                BaseModel.of(TransformerModel.open(folder, DataType.DOUBLE).graph());
        INDArray batch = Nd4j.concat(0, tokens(1, 2, 3), tokens(4, 5, 6));
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> new AdapterSet(base).output(batch, List.of(AdapterSet.BASE, AdapterSet.BASE)));
        assertTrue(refused.getMessage().contains("has 6 for 2"), refused.getMessage());
        AdaptedModel model = AdaptedModel.attach(
                base,
                LoraConfig.of(2, 4).withTargets(Targets.regex(".*_proj")),
                FineTuneConfiguration.builder().updater(new Adam(0.01)).build());
        SmallNetworks.moved(model.graph(), new Random(SEED), 0.2);
        double[][][] features = {{{5, 0, 0}, {1, 0, 0}}, {{4, 8, 6}, {1, 1, 1}}}; // the first has one token alone
        double[][] labels = {{9, -100, -100}, {1, 2, 3}};
        Records records = Records.of(new DataSet(Nd4j.createFromArray(features), Nd4j.createFromArray(labels)));
        GraphObjective whole = GraphObjective.of(model.graph(), records);
        double[] theta = whole.parameters();
        double[][] each = {gradientOf(whole, theta, 0), gradientOf(whole, theta, 1)};
        double bound = 0.5 * Vectors.norm(each[0]);
        double[] clipped = new double[theta.length];
        whole.clipped(Clipping.perRecord(bound)).valueAndGradient(theta, clipped);
        for (int k = 0; k < theta.length; k++) {
            double expected = 0;
            for (double[] one : each) {
                expected += one[k] * Math.min(1, bound / Vectors.norm(one)) / 2;
            }
            assertEquals(expected, clipped[k], 1e-9 * bound, "element " + k);
        }
    }

    /** Of a record's loss. */
    private static double[] gradientOf(GraphObjective whole, double[] theta, long record) {
        double[] gradient = new double[theta.length];
        whole.restrictedTo(RecordIds.of(record)).valueAndGradient(theta, gradient);
        return gradient;
    }

    @Test
    void another_type_is_refused_in_one_sentence() throws IOException {
        Path folder = TinyCheckpoint.llama(SEED).filled().write(temp);
        IllegalArgumentException type =
                assertThrows(IllegalArgumentException.class, () -> TransformerModel.open(folder, DataType.FLOAT16));
        assertEquals("the type of a graph must be FLOAT or DOUBLE, got " + DataType.FLOAT16, type.getMessage());
    }

    private static INDArray tokens(int... ids) {
        double[][][] tokens = new double[1][2][ids.length];
        for (int t = 0; t < ids.length; t++) {
            tokens[0][0][t] = ids[t];
            tokens[0][1][t] = 1;
        }
        return Nd4j.createFromArray(tokens);
    }

    private static DataSet nextTokens(int... ids) {
        double[][] labels = new double[1][ids.length];
        for (int t = 0; t < ids.length; t++) {
            labels[0][t] = t + 1 < ids.length ? ids[t + 1] : -100;
        }
        return new DataSet(
                tokens(ids).castTo(DataType.FLOAT), Nd4j.createFromArray(labels).castTo(DataType.FLOAT));
    }
}
