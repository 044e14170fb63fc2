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
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Targets;
import org.amend4j.model.ArrayBytes;
import org.amend4j.model.BaseModel;
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
                TinyCheckpoint.llama(SEED)
                        .with("num_key_value_heads", 4)
                        .with("mlp_bias", true)
                        .with("rope_scaling", Map.of("rope_type", "linear", "factor", 2.0)),
                TinyCheckpoint.llama(SEED).with("model_type", "mistral").with("sliding_window", 3));
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
                new Random(SEED).ints(LENGTH, 0, model.config().vocabulary()).toArray();
        INDArray logits = model.graph().outputSingle(tokens(ids));
        List<float[]> expected = decoder.appendAll(decoder.begin(), ids);
        double largest = logits.amaxNumber().doubleValue();
        for (int t = 0; t < LENGTH; t++) {
            for (int v = 0; v < model.config().vocabulary(); v++) {
                assertEquals(expected.get(t)[v], logits.getDouble(t, v), TOLERANCE * largest, t + ", " + v);
            }
        }
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

    @Test
    void what_has_no_layer_is_refused_in_one_sentence() throws IOException {
        Path folder =
                TinyCheckpoint.llama(SEED).with("hidden_act", "gelu").filled().write(temp);
        IllegalArgumentException gate =
                assertThrows(IllegalArgumentException.class, () -> TransformerModel.open(folder, DataType.FLOAT));
        assertEquals("a graph's gate must be SILU, other functions have no layer yet, got GELU", gate.getMessage());
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
