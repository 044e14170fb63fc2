/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.amend4j.testkit.TinyCheckpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is read of a GPT-2's files, and what is refused. */
class Gpt2CheckpointTest {

    @TempDir
    Path directory;

    private Gpt2Config read(TinyCheckpoint tiny) throws IOException {
        return (Gpt2Config) TransformerConfig.read(tiny.writeConfig(directory));
    }

    private static TinyCheckpoint gpt2() {
        return TinyCheckpoint.gpt2(1);
    }

    private void isRefused(String rule, TinyCheckpoint tiny) {
        refused(CheckpointException.class, rule, () -> {
            try (TransformerCheckpoint open = TransformerCheckpoint.open(tiny.write(directory))) {
                open.config();
            }
        });
    }

    @Test
    void a_config_is_read() throws IOException {
        SpecialIds ids = new SpecialIds(OptionalInt.of(36), List.of(36));
        assertEquals(new Gpt2Config(37, 24, 40, 3, 4, 64, 1e-5, HiddenActivation.GELU_TANH, true, ids), read(gpt2()));
    }

    /** The file of the smallest GPT-2, but for its sizes. */
    @Test
    void absent_fields_have_the_values_of_hugging_faces_class_and_harmless_ones_are_passed_over() throws IOException {
        TinyCheckpoint bare = gpt2();
        for (String field : List.of(
                "vocab_size",
                "n_embd",
                "n_inner",
                "n_layer",
                "n_head",
                "n_positions",
                "bos_token_id",
                "eos_token_id")) {
            bare.without(field);
        }
        SpecialIds ids = new SpecialIds(OptionalInt.of(50256), List.of(50256));
        Gpt2Config expected =
                new Gpt2Config(50257, 768, 3072, 12, 12, 1024, 1e-5, HiddenActivation.GELU_TANH, true, ids);
        assertEquals(expected, read(bare));
        assertEquals(
                expected,
                read(bare.with("activation_function", "gelu_new")
                        .with("architectures", List.of("GPT2LMHeadModel"))
                        .with("attn_pdrop", 0.1)
                        .with("embd_pdrop", 0.1)
                        .with("initializer_range", 0.02)
                        .with("n_ctx", 1024)
                        .with("reorder_and_upcast_attn", true)
                        .with("resid_pdrop", 0.1)
                        .with("scale_attn_weights", true)
                        .with("summary_activation", null)
                        .with("summary_first_dropout", 0.1)
                        .with("summary_proj_to_labels", true)
                        .with("summary_type", "cls_index")
                        .with("summary_use_proj", true)
                        .with("task_specific_params", Map.of("text-generation", Map.of("max_length", 50)))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "scale_attn_weights | false | 'scale_attn_weights' must be true",
                "scale_attn_by_inverse_layer_idx | true | 'scale_attn_by_inverse_layer_idx' is not supported",
                "add_cross_attention | true | 'add_cross_attention' is not supported",
                "activation_function | \"relu\" | the activation 'relu' is not supported",
                "activation_function | 3 | 'activation_function' must be a text",
                "n_head | 5 | n_embd must be a multiple of n_head",
                "n_embd | 536870912 | n_embd must be in [1, 536870911]",
                "n_inner | 0 | n_inner must be >= 1",
                "n_positions | 0 | n_positions must be >= 1",
                "n_layer | 0 | n_layer must be >= 1",
                "layer_norm_epsilon | 0 | layer_norm_epsilon must be > 0",
                "eos_token_id | -1 | eos_token_id must be >= 0",
                "hidden_size | 24 | 'hidden_size' is not supported"
            })
    void a_field_that_breaks_its_rule_is_refused_in_a_sentence_that_names_it(String field, String value, String rule)
            throws IOException {
        isRefused(rule, gpt2().filled().with(field, new ObjectMapper().readValue(value, Object.class)));
    }

    @Test
    void names_are_read_with_the_models_prefix_and_without_and_matrices_are_outputs_by_inputs() throws IOException {
        for (TinyCheckpoint tiny :
                List.of(gpt2().filled(), gpt2().withoutPrefix().filled())) {
            try (TransformerCheckpoint open = TransformerCheckpoint.open(tiny.write(directory))) {
                assertEquals(tiny.names().size(), open.shapes().size());
                String fused = "transformer.h.1.attn.c_attn.weight";
                assertEquals(List.of(72L, 24L), open.shapes().get(fused));
                for (String name : tiny.names()) {
                    assertArrayEquals(tiny.values(name), open.read(name), name);
                }
            }
        }
    }

    @Test
    void triangles_and_the_head_of_a_tied_model_are_passed_over() throws IOException {
        TinyCheckpoint tiny = gpt2().filled();
        tiny.put("transformer.h.0.attn.bias", List.of(1L, 1L, 2L, 2L), new float[4])
                .put("transformer.h.2.attn.masked_bias", List.of(1L), new float[1])
                .put("lm_head.weight", List.of(37L, 24L), tiny.values("transformer.wte.weight"));
        try (TransformerCheckpoint open = TransformerCheckpoint.open(tiny.write(directory))) {
            assertEquals(tiny.names().size() - 3, open.shapes().size());
        }
        isRefused(
                "'transformer.h.0.attn.sharp' has no place",
                tiny.put("transformer.h.0.attn.sharp", List.of(1L), new float[1]));
    }

    @Test
    void a_tensor_that_is_missing_turned_or_there_twice_is_refused() {
        isRefused(
                "'transformer.h.1.mlp.c_fc.weight' must have the shape [24, 40] by config.json, got [40, 24]",
                gpt2().filled().put("transformer.h.1.mlp.c_fc.weight", List.of(24L, 40L), new float[960]));
        isRefused("'transformer.ln_f.bias' is missing", gpt2().filled().drop("transformer.ln_f.bias"));
        isRefused("are the same", gpt2().filled().put("ln_f.bias", List.of(24L), new float[24]));
        isRefused("'lm_head.weight' is missing", gpt2().filled().with("tie_word_embeddings", false));
    }

    @Test
    void a_model_without_a_prefix_is_saved_with_it() throws IOException {
        Path saved = directory.resolve("saved");
        try (TransformerCheckpoint open =
                TransformerCheckpoint.open(gpt2().withoutPrefix().filled().write(directory.resolve("original")))) {
            CheckpointFiles.write(saved, open.config(), open::read);
        }
        gpt2().filled().write(directory.resolve("prefixed"));
        assertArrayEquals(
                Files.readAllBytes(directory.resolve("prefixed/model.safetensors")),
                Files.readAllBytes(saved.resolve("model.safetensors")));
    }
}
