/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.amend4j.testkit.TinyCheckpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read of a config.json, and what is refused. */
class DecoderConfigTest {

    @TempDir
    Path directory;

    private DecoderConfig read(TinyCheckpoint tiny) throws IOException {
        return (DecoderConfig) TransformerConfig.read(tiny.writeConfig(directory));
    }

    private static TinyCheckpoint llama() {
        return TinyCheckpoint.llama(1);
    }

    private void isRefused(String rule, TinyCheckpoint tiny) {
        refused(CheckpointException.class, rule, () -> read(tiny));
    }

    private static Object json(String text) throws IOException {
        return new ObjectMapper().readValue(text, Object.class);
    }

    @Test
    void a_llama_config_is_read() throws IOException {
        DecoderConfig config = read(llama().with("bos_token_id", 3).with("eos_token_id", List.of(4, 5)));
        assertEquals(
                new DecoderConfig(
                        DecoderFamily.LLAMA,
                        37,
                        24,
                        40,
                        3,
                        new AttentionShape(4, 2, 6, false, false, Optional.empty()),
                        new RotaryEmbedding(10_000, new RotaryScaling.None()),
                        64,
                        1e-5,
                        HiddenActivation.SILU,
                        false,
                        false,
                        new SpecialIds(OptionalInt.of(3), List.of(4, 5))),
                config);
    }

    @Test
    void absent_fields_have_the_values_of_hugging_faces_classes() throws IOException {
        TinyCheckpoint bare = llama().without("num_key_value_heads")
                .without("max_position_embeddings")
                .without("rms_norm_eps")
                .without("tie_word_embeddings");
        DecoderConfig llama = read(bare);
        assertEquals(4, llama.attention().keyValueHeads());
        assertEquals(2048, llama.longest());
        assertEquals(1e-6, llama.rmsEpsilon());
        assertEquals(new SpecialIds(OptionalInt.of(1), List.of(2)), llama.ids());
        DecoderConfig mistral = read(bare.with("model_type", "mistral")
                .with("num_attention_heads", 8)
                .with("head_dim", 4));
        assertEquals(8, mistral.attention().keyValueHeads());
        assertEquals(131072, mistral.longest());
        assertEquals(OptionalInt.of(4096), mistral.window(0));
        DecoderConfig qwen = read(bare.with("model_type", "qwen2").with("num_attention_heads", 32));
        assertEquals(32, qwen.attention().keyValueHeads());
        assertEquals(32768, qwen.longest());
        assertEquals(OptionalInt.empty(), qwen.window(40));
        assertEquals(new SpecialIds(OptionalInt.empty(), List.of()), qwen.ids());
    }

    @Test
    void null_is_no_window_no_scaling_and_no_special_tokens() throws IOException {
        DecoderConfig config = read(llama().with("model_type", "mistral")
                .with("sliding_window", null)
                .with("rope_scaling", null)
                .with("bos_token_id", null)
                .with("eos_token_id", null));
        assertEquals(Optional.empty(), config.attention().window());
        assertEquals(new RotaryScaling.None(), config.rotary().scaling());
        assertEquals(new SpecialIds(OptionalInt.empty(), List.of()), config.ids());
    }

    @Test
    void biases_are_those_of_the_family() throws IOException {
        AttentionShape qwen = read(llama().with("model_type", "qwen2")).attention();
        assertEquals(List.of(true, false), List.of(qwen.inputBias(), qwen.outputBias()));
        AttentionShape llama = read(llama().with("attention_bias", true)).attention();
        assertEquals(List.of(true, true), List.of(llama.inputBias(), llama.outputBias()));
        isRefused(
                "'attention_bias' is not", llama().with("model_type", "mistral").with("attention_bias", true));
    }

    @Test
    void qwen2_has_its_window_only_where_it_is_switched_on_and_only_in_upper_layers() throws IOException {
        TinyCheckpoint qwen =
                llama().with("model_type", "qwen2").with("sliding_window", 8).with("max_window_layers", 2);
        assertEquals(OptionalInt.empty(), read(qwen).window(2));
        DecoderConfig on = read(qwen.with("use_sliding_window", true));
        assertEquals(List.of(OptionalInt.empty(), OptionalInt.of(8)), List.of(on.window(1), on.window(2)));
        List<String> types = List.of("full_attention", "full_attention", "sliding_attention");
        assertEquals(on, read(qwen.with("layer_types", types)));
        isRefused("'layer_types' must be 2 of", qwen.with("layer_types", List.of("full_attention")));
        isRefused("'layer_types' must be 3 of full", llama().with("layer_types", types));
    }

    @Test
    void qwen3_has_norms_of_heads_qwen2s_windows_and_biases_where_it_says_so() throws IOException {
        TinyCheckpoint qwen = llama().with("model_type", "qwen3");
        DecoderConfig plain = read(qwen);
        assertEquals(128, plain.attention().headSize());
        assertEquals(
                32,
                read(qwen.without("num_key_value_heads").with("num_attention_heads", 32))
                        .attention()
                        .keyValueHeads());
        assertEquals(new SpecialIds(OptionalInt.empty(), List.of()), plain.ids());
        assertTrue(plain.family().hasHeadNorms());
        assertFalse(plain.attention().inputBias());
        AttentionShape biased = read(qwen.with("attention_bias", true)).attention();
        assertEquals(List.of(true, true), List.of(biased.inputBias(), biased.outputBias()));
        DecoderConfig windowed = read(
                qwen.with("use_sliding_window", true).with("sliding_window", 8).with("max_window_layers", 2));
        assertEquals(List.of(OptionalInt.empty(), OptionalInt.of(8)), List.of(windowed.window(1), windowed.window(2)));
    }

    @Test
    void gemma_has_a_tied_head_gains_around_one_and_embeddings_times_the_root_of_their_size() throws IOException {
        TinyCheckpoint bare = llama().with("model_type", "gemma")
                .with("num_attention_heads", 16)
                .without("num_key_value_heads")
                .without("tie_word_embeddings")
                .without("max_position_embeddings");
        DecoderConfig gemma = read(bare);
        assertTrue(gemma.tiedEmbeddings());
        assertTrue(gemma.family().hasGainsAroundOne());
        assertEquals(Math.sqrt(24), gemma.embeddingFactor());
        assertEquals(256, gemma.attention().headSize());
        assertEquals(16, gemma.attention().keyValueHeads());
        assertEquals(8192, gemma.longest());
        assertEquals(new SpecialIds(OptionalInt.of(2), List.of(1)), gemma.ids());
        assertEquals(HiddenActivation.GELU_TANH, gemma.gate());
        isRefused("'use_bidirectional_attention' is not supported", bare.with("use_bidirectional_attention", true));
    }

    /** {@code hidden_act} today; {@code hidden_activation}, or the tanh form, in releases before. */
    @Test
    void the_activation_of_a_gemma_is_known_only_where_all_releases_compute_the_same() throws IOException {
        TinyCheckpoint gemma = llama().with("model_type", "gemma").with("hidden_act", "gelu");
        String apart = "'hidden_act' and 'hidden_activation' must be the same, got 'gelu'";
        assertEquals(HiddenActivation.GELU, read(gemma).gate(), "as releases since 4.48 compute it");
        assertEquals(
                HiddenActivation.GELU,
                read(gemma.with("hidden_activation", null)).gate(),
                "gemma-2b");
        isRefused(apart, gemma.with("hidden_activation", "gelu_pytorch_tanh"));
        assertEquals(
                HiddenActivation.GELU,
                read(gemma.with("hidden_activation", "gelu")).gate());
        TinyCheckpoint tanh = llama().with("model_type", "gemma").with("hidden_act", "gelu_pytorch_tanh");
        assertEquals(HiddenActivation.GELU_TANH, read(tanh).gate());
        assertEquals(
                HiddenActivation.GELU_TANH, read(tanh.without("hidden_act")).gate());
    }

    @ParameterizedTest
    @CsvSource({"silu, SILU", "swish, SILU", "gelu, GELU", "gelu_pytorch_tanh, GELU_TANH", "gelu_new, GELU_TANH"})
    void activations_are_known_by_their_names(String name, HiddenActivation function) throws IOException {
        assertEquals(function, read(llama().with("hidden_act", name)).gate());
    }

    @Test
    void frequencies_are_thetas_powers() throws IOException {
        double[] frequencies = read(llama().with("rope_theta", 500000)).rotary().frequencies(6);
        assertEquals(3, frequencies.length);
        for (int j = 0; j < 3; j++) {
            assertEquals(Math.pow(500000, -2.0 * j / 6), frequencies[j], 1e-15);
        }
    }

    @Test
    void linear_scaling_divides_frequencies() throws IOException {
        Object scaling = json("{\"type\": \"linear\", \"factor\": 4}");
        double[] plain = read(llama()).rotary().frequencies(6);
        double[] scaled = read(llama().with("rope_scaling", scaling)).rotary().frequencies(6);
        assertEquals(Arrays.toString(Arrays.stream(plain).map(f -> f / 4).toArray()), Arrays.toString(scaled));
    }

    /** By Hugging Face's way to compute it, with wavelengths. */
    @Test
    void llama3_scaling_keeps_high_frequencies_divides_low_ones_and_blends_those_between() throws IOException {
        Object scaling = json("{\"rope_type\": \"llama3\", \"factor\": 8.0, \"low_freq_factor\": 1.0,"
                + " \"high_freq_factor\": 4.0, \"original_max_position_embeddings\": 8192}");
        RotaryEmbedding rotary = read(llama().with("rope_theta", 500000.0).with("rope_scaling", scaling))
                .rotary();
        double[] scaled = rotary.frequencies(128);
        int blended = 0;
        for (int j = 0; j < 64; j++) {
            double plain = Math.pow(500000, -j / 64.0);
            double wavelength = 2 * Math.PI / plain;
            double smooth = (8192 / wavelength - 1.0) / (4.0 - 1.0);
            double expected = wavelength < 8192 / 4.0
                    ? plain
                    : wavelength > 8192 / 1.0 ? plain / 8 : (1 - smooth) * plain / 8 + smooth * plain;
            blended += expected != plain && expected != plain / 8 ? 1 : 0;
            assertEquals(expected, scaled[j], 1e-13 * expected);
        }
        assertEquals(6, blended);
    }

    @Test
    void rope_parameters_of_newer_files_say_the_same() throws IOException {
        Object both = json("{\"rope_type\": \"linear\", \"rope_theta\": 1000.0, \"factor\": 2.0}");
        assertEquals(
                new RotaryEmbedding(1000, new RotaryScaling.Linear(2)),
                read(llama().with("rope_parameters", both)).rotary());
    }

    @Test
    void rotary_fields_of_newer_and_older_files_may_stand_together_where_they_agree() throws IOException {
        TinyCheckpoint file = llama().with("rope_theta", 1000.0)
                .with("rope_parameters", json("{\"rope_type\": \"linear\", \"factor\": 2.0}"));
        RotaryEmbedding expected = new RotaryEmbedding(1000, new RotaryScaling.Linear(2));
        assertEquals(expected, read(file).rotary());
        file.with("rope_scaling", json("{\"type\": \"linear\", \"factor\": 2, \"rope_theta\": 1000}"));
        assertEquals(expected, read(file).rotary());
        String rule = "'rope_parameters', and 'rope_theta' and 'rope_scaling' of older files, must say the same, got ";
        isRefused(rule + "500.0 and 1000.0", file.with("rope_theta", 500.0));
        file.with("rope_theta", 1000.0).with("rope_scaling", json("{\"type\": \"linear\", \"factor\": 3}"));
        isRefused(rule + "Linear[factor=2.0] and Linear[factor=3.0]", file);
    }

    @Test
    void ids_beyond_the_vocabulary_are_kept_and_not_used() throws IOException {
        DecoderConfig config = read(llama().with("bos_token_id", 37).with("eos_token_id", List.of(36, 128_001)));
        assertEquals(new SpecialIds(OptionalInt.of(37), List.of(36, 128_001)), config.ids());
        assertEquals(new SpecialIds(OptionalInt.empty(), List.of(36)), config.usableIds());
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt_neo", "Bert", "gemma2", "gemma3", "gemma3_text", "qwen3_moe", "phi", "", "Llama"})
    void other_families_are_refused_by_name(String type) {
        isRefused("type '" + type + "' are not supported", llama().with("model_type", type));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dynamic", "yarn", "longrope", "ntk"})
    void other_rope_scalings_are_refused_by_name(String type) {
        isRefused("the rope scaling '" + type + "'", llama().with("rope_scaling", Map.of("rope_type", type)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "attn_logit_softcapping | 50.0",
                "query_pre_attn_scalar | 256",
                "logits_scaling | 8",
                "residual_multiplier | 0.2",
                "use_qk_norm | true",
                "no_rope_layers | [1, 0]",
                "num_experts | 8"
            })
    void fields_that_change_the_mathematics_are_refused_by_name(String field, String value) throws IOException {
        isRefused("'" + field + "' is not supported, got", llama().with(field, json(value)));
        DecoderConfig off = read(llama().with(field, json(value.equals("true") ? "false" : "null")));
        assertEquals(DecoderFamily.LLAMA, off.family());
    }

    /** As files of distilgpt2, gpt2-medium, Unsloth and sentence-transformers have them, and of who adds something tomorrow. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "_num_labels | 1",
                "unsloth_fixed | true",
                "unsloth_version | \"2024.9\"",
                "sentence_transformers | {\"version\": \"4.1.0\"}",
                "made_up | {\"by\": [\"somebody\"]}"
            })
    void fields_that_change_nothing_are_passed_over(String field, String value) throws IOException {
        assertEquals(read(llama()), read(llama().with(field, json(value))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "quantization_config | {\"bits\": 4}",
                "rope_interleaved | true",
                "is_encoder_decoder | true",
                "pruned_heads | {\"0\": [1]}"
            })
    void what_is_known_and_not_done_is_refused_unless_it_is_off(String field, String value) throws IOException {
        isRefused("'" + field + "' is not supported", llama().with(field, json(value)));
        read(llama().with(field, json(value.startsWith("{") ? "{}" : "false")));
    }

    @Test
    void fields_that_change_nothing_are_passed_over() throws IOException {
        DecoderConfig plain = read(llama());
        assertEquals(
                plain,
                read(llama().with("torch_dtype", "bfloat16")
                        .with("architectures", List.of("LlamaForCausalLM"))
                        .with("transformers_version", "4.57.1")
                        .with("use_cache", true)
                        .with("whatever", null)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "vocab_size | 0 | vocab_size must be >= 1",
                "hidden_size | -8 | hidden_size must be >= 1",
                "hidden_size | 26 | hidden_size must be a multiple of num_attention_heads",
                "hidden_size | 24.5 | 'hidden_size' must be a whole number",
                "hidden_size | 99999999999 | 'hidden_size' must be a whole number below 2^31",
                "hidden_size | \"24\" | 'hidden_size' must be a whole number",
                "hidden_size | null | 'hidden_size' is missing",
                "intermediate_size | 0 | intermediate_size must be >= 1",
                "num_hidden_layers | 0 | num_hidden_layers must be >= 1",
                "num_attention_heads | 0 | num_attention_heads must be >= 1",
                "num_key_value_heads | 3 | must be a multiple of num_key_value_heads",
                "num_key_value_heads | 0 | num_key_value_heads must be >= 1",
                "head_dim | 5 | head_dim must be even",
                "head_dim | 2147483646 | must be below 2^31",
                "max_position_embeddings | 0 | max_position_embeddings must be >= 1",
                "rms_norm_eps | 0 | rms_norm_eps must be > 0",
                "rms_norm_eps | \"small\" | 'rms_norm_eps' must be a number",
                "rope_theta | -1 | rope_theta must be > 0",
                "rope_theta | 1e999 | rope_theta must be > 0 and finite",
                "tie_word_embeddings | 1 | 'tie_word_embeddings' must be true or false",
                "hidden_act | \"relu\" | the activation 'relu' is not supported",
                "bos_token_id | -1 | bos_token_id must be >= 0",
                "eos_token_id | [1, -2] | eos_token_id must be >= 0",
                "partial_rotary_factor | 0.5 | 'partial_rotary_factor' must be 1",
                "rope_scaling | {\"type\": \"linear\"} | 'factor' of the rope scaling is missing",
                "rope_scaling | {\"type\": \"linear\", \"factor\": 0} | factor of the rope scaling must be > 0",
                "rope_scaling | {\"type\": \"linear\", \"factor\": 2, \"beta\": 1} | the field 'beta' is not known",
                "rope_scaling | {\"type\": \"linear\", \"rope_type\": \"yarn\"} | must agree",
                "rope_scaling | 2 | 'rope_scaling' must be an object"
            })
    void a_field_that_breaks_its_rule_is_refused_in_a_sentence_that_names_it(String field, String value, String rule)
            throws IOException {
        Path file = llama().without(field).writeConfig(directory);
        String text = Files.readString(file);
        Files.writeString(file, "{\"" + field + "\": " + value + ", " + text.substring(1));
        refused(CheckpointException.class, rule, () -> TransformerConfig.read(file));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[1] | must be a JSON object",
                "{\"a\": 1} {} | is not strict JSON",
                "{\"a\": 1, \"a\": 2} | is not strict JSON",
                "{\"a\": NaN} | is not strict JSON",
                "{\"a\": [[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]} | is not strict JSON",
                "{} | 'model_type' is missing",
                "{\"model_type\": 3} | 'model_type' must be a text"
            })
    void what_is_no_configuration_is_refused(String text, String rule) throws IOException {
        Path file = Files.writeString(directory.resolve("config.json"), text);
        refused(CheckpointException.class, rule, () -> TransformerConfig.read(file));
    }

    @Test
    void missing_large_and_garbled_files_are_refused() throws IOException {
        Path file = directory.resolve("config.json");
        refused(CheckpointException.class, "existing regular file", () -> TransformerConfig.read(file));
        Files.write(file, new byte[(1 << 20) + 1]);
        refused(CheckpointException.class, "at most 1048576 bytes", () -> TransformerConfig.read(file));
        Files.write(file, new byte[] {'{', (byte) 0xff, '}'});
        refused(CheckpointException.class, "must be UTF-8", () -> TransformerConfig.read(file));
    }
}
