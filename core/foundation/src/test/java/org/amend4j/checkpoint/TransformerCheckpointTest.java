/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.amend4j.safetensors.DType;
import org.amend4j.safetensors.SafetensorsException;
import org.amend4j.safetensors.SafetensorsWriter;
import org.amend4j.safetensors.TensorData;
import org.amend4j.testkit.TinyCheckpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which tensors a checkpoint must have, and what becomes of those that it must not. */
class TransformerCheckpointTest {

    private static final String QUERY = "model.layers.1.self_attn.q_proj.weight";

    @TempDir
    Path directory;

    private static TinyCheckpoint llama() {
        return TinyCheckpoint.llama(1).filled();
    }

    private void isRefused(String rule, TinyCheckpoint tiny) throws IOException {
        tiny.write(directory);
        refused(CheckpointException.class, rule, () -> TransformerCheckpoint.open(directory));
    }

    private void holds(TinyCheckpoint tiny) throws IOException {
        try (TransformerCheckpoint checkpoint = TransformerCheckpoint.open(directory)) {
            assertEquals(
                    new TreeSet<>(tiny.names()),
                    new TreeSet<>(checkpoint.shapes().keySet()));
            for (String name : tiny.names()) {
                assertArrayEquals(tiny.values(name), checkpoint.read(name), name);
            }
        }
    }

    @Test
    void every_tensor_is_read_from_one_file() throws IOException {
        TinyCheckpoint tiny = llama();
        tiny.write(directory);
        holds(tiny);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void every_tensor_is_read_from_several_files(int shards) throws IOException {
        TinyCheckpoint tiny = llama();
        tiny.writeSharded(directory, shards);
        holds(tiny);
    }

    @ParameterizedTest
    @EnumSource(names = {"F16", "BF16"})
    void values_of_16_bits_are_widened_and_not_changed(DType type) throws IOException {
        TinyCheckpoint tiny = llama().halved(type);
        tiny.write(directory);
        holds(tiny);
    }

    @ParameterizedTest
    @ValueSource(strings = {"attention_bias", "mlp_bias", "tie_word_embeddings"})
    void biases_and_a_head_are_there_where_the_configuration_says_so(String field) throws IOException {
        TinyCheckpoint tiny = TinyCheckpoint.llama(1).with(field, true).filled();
        tiny.write(directory);
        holds(tiny);
        tiny.with(field, false).writeConfig(directory);
        refused(
                CheckpointException.class,
                field.startsWith("tie") ? "'lm_head.weight' is missing" : "has no place in a llama model",
                () -> TransformerCheckpoint.open(directory));
    }

    @Test
    void qwen2_has_biases_of_queries_keys_and_values_only() throws IOException {
        TinyCheckpoint tiny =
                TinyCheckpoint.llama(1).with("model_type", "qwen2").filled();
        tiny.write(directory);
        holds(tiny);
    }

    @Test
    void tables_that_follow_from_the_configuration_are_ignored() throws IOException {
        TinyCheckpoint tiny =
                TinyCheckpoint.llama(1).with("tie_word_embeddings", true).filled();
        List<String> own = tiny.names();
        tiny.put("model.layers.0.self_attn.rotary_emb.inv_freq", List.of(3L), new float[3])
                .put("model.rotary_emb.inv_freq", List.of(3L), new float[3])
                .put("lm_head.weight", List.of(37L, 24L), tiny.values("model.embed_tokens.weight"))
                .write(directory);
        try (TransformerCheckpoint checkpoint = TransformerCheckpoint.open(directory)) {
            assertEquals(Set.copyOf(own), checkpoint.shapes().keySet());
            refused("has no tensor 'lm_head.weight'", () -> checkpoint.read("lm_head.weight"));
        }
    }

    /** As Hugging Face's library from release 5 on: equal ones are tied, different ones are not. */
    @Test
    void a_head_that_is_stored_is_the_models_whatever_its_configuration_ties() throws IOException {
        for (TinyCheckpoint tiny : List.of(
                TinyCheckpoint.llama(1).with("tie_word_embeddings", true).filled(),
                TinyCheckpoint.gpt2(1).filled())) {
            float[] head = new float[37 * 24];
            head[5] = 1;
            tiny.put("lm_head.weight", List.of(37L, 24L), head).write(directory);
            try (TransformerCheckpoint checkpoint = TransformerCheckpoint.open(directory)) {
                assertFalse(checkpoint.decoder().tiedEmbeddings());
                assertArrayEquals(head, checkpoint.read("lm_head.weight"));
            }
        }
    }

    @Test
    void a_decoder_that_was_saved_without_its_head_has_shorter_names() throws IOException {
        TinyCheckpoint tiny =
                TinyCheckpoint.llama(1).with("tie_word_embeddings", true).filled();
        TinyCheckpoint base = TinyCheckpoint.llama(1).with("tie_word_embeddings", true);
        for (String name : tiny.names()) {
            base.put(name.substring("model.".length()), tiny.shape(name), tiny.values(name));
        }
        base.write(directory);
        holds(tiny);
        base.with("tie_word_embeddings", false).writeConfig(directory);
        refused(CheckpointException.class, "'lm_head.weight' is missing", () -> TransformerCheckpoint.open(directory));
    }

    @Test
    void a_table_that_is_stored_as_the_head_alone_is_both() throws IOException {
        TinyCheckpoint tiny =
                TinyCheckpoint.llama(1).with("tie_word_embeddings", true).filled();
        float[] table = tiny.values("model.embed_tokens.weight");
        tiny.put("lm_head.weight", List.of(37L, 24L), table)
                .drop("model.embed_tokens.weight")
                .write(directory);
        try (TransformerCheckpoint checkpoint = TransformerCheckpoint.open(directory)) {
            assertTrue(checkpoint.decoder().tiedEmbeddings());
            assertArrayEquals(table, checkpoint.read("model.embed_tokens.weight"));
        }
    }

    @Test
    void a_missing_tensor_is_refused() throws IOException {
        for (String name : llama().names()) {
            isRefused("the tensor '" + name + "' is missing", llama().drop(name));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "model.layers.3.self_attn.q_proj.weight",
                "model.layers.0.self_attn.q_proj.bias",
                "model.layers.01.input_layernorm.weight",
                "model.layers.0.self_attn.q_norm.weight",
                "lm_head.bias",
                "score.weight"
            })
    void a_tensor_too_many_is_refused(String name) throws IOException {
        isRefused("the tensor '" + name + "' has no place", llama().put(name, List.of(24L), new float[24]));
    }

    @Test
    void another_shape_is_refused() throws IOException {
        isRefused(
                "'" + QUERY + "' must have the shape [24, 24] by config.json, got [24, 12]",
                llama().put(QUERY, List.of(24L, 12L), new float[24 * 12]));
        isRefused("must have the shape [24, 24]", llama().put(QUERY, List.of(576L), new float[24 * 24]));
    }

    @Test
    void another_type_is_refused() throws IOException {
        TinyCheckpoint tiny = llama();
        tiny.drop(QUERY).writeSharded(directory, 1);
        SafetensorsWriter.write(
                directory.resolve("more.safetensors"),
                Map.of(),
                List.of(TensorData.ofDoubles(QUERY, List.of(24L, 24L), new double[24 * 24])));
        Map<String, String> map = new TreeMap<>();
        tiny.names().forEach(name -> map.put(name, "model-00001-of-00001.safetensors"));
        map.put(QUERY, "more.safetensors");
        TinyCheckpoint.writeIndex(directory, map);
        refused(
                CheckpointException.class,
                "'" + QUERY + "' must be of F32, F16 or BF16, got F64",
                () -> TransformerCheckpoint.open(directory));
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void values_that_are_not_finite_are_refused(float value) throws IOException {
        TinyCheckpoint tiny = llama();
        tiny.values(QUERY)[7] = value;
        tiny.write(directory);
        try (TransformerCheckpoint checkpoint = TransformerCheckpoint.open(directory)) {
            refused(CheckpointException.class, "finite values, got " + value, () -> checkpoint.read(QUERY));
        }
    }

    @Test
    void a_milliard_layers_are_refused_at_the_first_that_is_missing() throws IOException {
        isRefused(
                "'model.layers.3.input_layernorm.weight' is missing", llama().with("num_hidden_layers", 1_000_000_000));
    }

    @Test
    void an_index_names_files_beside_it_and_each_tensor_where_it_is() throws IOException {
        TinyCheckpoint tiny = llama();
        tiny.writeSharded(directory, 2);
        Map<String, String> right = new TreeMap<>();
        for (int i = 0; i < tiny.names().size(); i++) {
            right.put(tiny.names().get(i), "model-0000" + (i % 2 + 1) + "-of-00002.safetensors");
        }
        for (String outside : List.of("../x.safetensors", "/tmp/x.safetensors", "a\\x.safetensors", "x.bin", "")) {
            isRefusedIndex("must name .safetensors files beside it", right, Map.of(QUERY, outside));
        }
        String other = right.get(QUERY).contains("-00001-")
                ? "model-00002-of-00002.safetensors"
                : "model-00001-of-00002.safetensors";
        isRefusedIndex("must say that the tensor '" + QUERY + "' is in", right, Map.of(QUERY, other));
        isRefusedIndex("'more' is missing in", right, Map.of("more", other));
        isRefusedIndex("existing regular file", right, Map.of("more", "none.safetensors"));
        for (String text : List.of("[]", "{}", "{\"weight_map\": {\"a\": 1}}", "{\"weight_map\": {}}", "{")) {
            Files.writeString(directory.resolve("model.safetensors.index.json"), text);
            refused(SafetensorsException.class, "", () -> TransformerCheckpoint.open(directory));
        }
    }

    private void isRefusedIndex(String rule, Map<String, String> right, Map<String, String> wrong) throws IOException {
        Map<String, String> map = new TreeMap<>(right);
        map.putAll(wrong);
        TinyCheckpoint.writeIndex(directory, map);
        refused(SafetensorsException.class, rule, () -> TransformerCheckpoint.open(directory));
    }

    @Test
    void a_folder_without_safetensors_is_refused_and_a_pickle_is_not_read() throws IOException {
        Path nowhere = directory.resolve("nowhere");
        refused(CheckpointException.class, "must be a folder", () -> TransformerCheckpoint.open(nowhere));
        llama().writeConfig(directory);
        refused(CheckpointException.class, "and so is its index", () -> TransformerCheckpoint.open(directory));
        Files.writeString(directory.resolve("pytorch_model.bin"), "pickle");
        String sentence = refused(CheckpointException.class, "never read", () -> TransformerCheckpoint.open(directory));
        assertFalse(sentence.contains("and so is its index"));
    }
}
