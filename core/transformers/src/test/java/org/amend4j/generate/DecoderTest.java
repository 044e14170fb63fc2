/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import static org.amend4j.generate.Decoding.TOLERANCE;
import static org.amend4j.generate.Decoding.assertNear;
import static org.amend4j.generate.Decoding.decoder;
import static org.amend4j.generate.Decoding.distance;
import static org.amend4j.generate.Decoding.naive;
import static org.amend4j.generate.Decoding.tokens;
import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.amend4j.checkpoint.TransformerCheckpoint;
import org.amend4j.testkit.TinyCheckpoint;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The decoder computes what the papers say, and the same bytes in every way to ask for it. */
class DecoderTest {

    @TempDir
    Path directory;

    @ParameterizedTest
    @MethodSource("org.amend4j.generate.DecoderVariants#variants")
    void logits_are_those_of_full_attention_in_double_precision(DecoderVariants.Variant variant) {
        TinyCheckpoint tiny = variant.tiny();
        int[] tokens = tokens(4, 20, tiny.integer("vocab_size"));
        Decoder decoder = decoder(tiny, directory);
        assertNear(naive(tiny, tokens), decoder.appendAll(decoder.begin(), tokens));
    }

    /** So that the comparison above would have noticed. */
    @Test
    void the_comparison_fails_for_models_that_differ_a_little() {
        int[] tokens = tokens(4, 20, 37);
        Decoder decoder = decoder(DecoderVariants.WINDOW.tiny(), directory);
        List<float[]> logits = decoder.appendAll(decoder.begin(), tokens);
        for (Map.Entry<String, Object> other : Map.<String, Object>of(
                        "sliding_window", 6, "rope_theta", 9000.0, "rms_norm_eps", 1e-3)
                .entrySet()) {
            TinyCheckpoint tiny = DecoderVariants.WINDOW.tiny().with(other.getKey(), other.getValue());
            double distance = distance(new NaiveDecoder(tiny).logits(tokens), logits);
            assertTrue(distance > TOLERANCE, other.getKey() + " " + distance);
        }
    }

    @Test
    void the_comparison_fails_for_a_gpt2_that_differs_a_little() {
        int[] tokens = tokens(4, 20, 37);
        Decoder decoder = decoder(TinyCheckpoint.gpt2(3).filled(), directory);
        List<float[]> logits = decoder.appendAll(decoder.begin(), tokens);
        for (Map.Entry<String, Object> other : Map.<String, Object>of(
                        "activation_function", "silu", "layer_norm_epsilon", 1e-2, "n_head", 8)
                .entrySet()) {
            TinyCheckpoint tiny = TinyCheckpoint.gpt2(3).filled().with(other.getKey(), other.getValue());
            double distance = distance(naive(tiny, tokens), logits);
            assertTrue(distance > TOLERANCE, other.getKey() + " " + distance);
        }
    }

    @Test
    void a_gpt2_has_no_more_tokens_than_positions() {
        Decoder decoder = decoder(TinyCheckpoint.gpt2(9).filled(), directory);
        Sequence sequence = decoder.begin();
        decoder.append(sequence, tokens(1, 64, 37));
        refused("the model has 64 positions, got 65 tokens", () -> {
            decoder.append(sequence, 1);
        });
    }

    @Tag("kernels")
    @ParameterizedTest
    @MethodSource("org.amend4j.generate.DecoderVariants#variants")
    void logits_are_the_same_bytes_however_tokens_are_cut_into_calls(DecoderVariants.Variant variant) {
        TinyCheckpoint tiny = variant.tiny();
        int[] tokens = tokens(5, 20, tiny.integer("vocab_size"));
        Decoder decoder = decoder(tiny, directory);
        List<float[]> whole = decoder.appendAll(decoder.begin(), tokens);
        for (int prefilled = 1; prefilled <= tokens.length; prefilled++) {
            Sequence sequence = decoder.begin();
            assertArrayEquals(whole.get(prefilled - 1), decoder.append(sequence, Arrays.copyOf(tokens, prefilled)));
            for (int t = prefilled; t < tokens.length; t++) {
                assertArrayEquals(whole.get(t), decoder.append(sequence, tokens[t]));
            }
            assertEquals(tokens.length, sequence.length());
        }
    }

    /** The last ones are long enough for attention on several threads. */
    @Test
    void prompts_longer_than_what_is_computed_at_once_are_the_same() {
        TinyCheckpoint tiny =
                TinyCheckpoint.llama(6).with("max_position_embeddings", 600).filled();
        int[] tokens = tokens(7, 500, 37);
        Decoder decoder = decoder(tiny, directory);
        List<float[]> whole = decoder.appendAll(decoder.begin(), tokens);
        assertNear(new NaiveDecoder(tiny).logits(tokens), whole);
        Sequence sequence = decoder.begin();
        decoder.append(sequence, Arrays.copyOf(tokens, 90));
        assertArrayEquals(whole.get(299), decoder.append(sequence, Arrays.copyOfRange(tokens, 90, 300)));
        for (int t = 300; t < tokens.length; t++) {
            assertArrayEquals(whole.get(t), decoder.append(sequence, tokens[t]));
        }
    }

    @Tag("kernels")
    @Test
    void sequences_side_by_side_have_the_bytes_that_each_has_alone() {
        TinyCheckpoint tiny = TinyCheckpoint.llama(8).filled();
        Decoder decoder = decoder(tiny, directory);
        List<Sequence> sequences = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Sequence sequence = decoder.begin();
            decoder.append(sequence, tokens(i, 3 * i + 1, 37));
            sequences.add(sequence);
        }
        List<float[]> logits = decoder.appendEach(sequences, 1, 2, 3, 4, 5);
        for (int i = 0; i < 5; i++) {
            Sequence alone = decoder.begin();
            decoder.append(alone, tokens(i, 3 * i + 1, 37));
            assertArrayEquals(decoder.append(alone, i + 1), logits.get(i));
        }
    }

    @Test
    void what_cannot_be_appended_is_refused_and_leaves_sequences_as_they_were() {
        Decoder decoder = decoder(TinyCheckpoint.llama(9).filled(), directory);
        Sequence sequence = decoder.begin();
        decoder.append(sequence, tokens(1, 60, 37));
        refused("a token must be in [0, 37), got 37", () -> decoder.append(sequence, 1, 37));
        refused("a token must be in [0, 37), got -1", () -> decoder.append(sequence, -1));
        refused("at least one token", () -> decoder.append(sequence));
        refused("the model has 64 positions, got 65 tokens", () -> {
            decoder.append(sequence, 1, 2, 3, 4, 5);
        });
        refused("must differ, number 1", () -> decoder.appendEach(List.of(sequence, sequence), 1, 2));
        refused("as many as sequences", () -> decoder.appendEach(List.of(sequence), 1, 2));
        Sequence other = decoder(TinyCheckpoint.llama(9).filled(), directory).begin();
        refused("that this decoder began", () -> decoder.append(other, 1));
        refused("that this decoder began", () -> decoder.appendEach(List.of(sequence, other), 1, 1));
        assertEquals(60, sequence.length());
        Sequence same = decoder.begin();
        decoder.append(same, tokens(1, 60, 37));
        assertArrayEquals(decoder.append(same, 1, 2, 3, 4), decoder.append(sequence, 1, 2, 3, 4));
    }

    @Test
    void weights_of_another_size_are_refused() throws IOException {
        Path folder = TinyCheckpoint.llama(9).filled().write(directory);
        try (TransformerCheckpoint checkpoint = TransformerCheckpoint.open(folder)) {
            refused(
                    "'model.layers.0.self_attn.q_proj.weight' must have 576 values, got 3",
                    () -> new Decoder(
                            checkpoint.decoder(),
                            name -> name.contains("q_proj") ? new float[3] : checkpoint.read(name)));
        }
    }
}
