/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.amend4j.safetensors.DType;
import org.amend4j.testkit.TinyCheckpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checkpoints that are written. */
class CheckpointFilesTest {

    @TempDir
    Path directory;

    static Stream<TinyCheckpoint> checkpoints() {
        return Stream.of(
                TinyCheckpoint.llama(1),
                TinyCheckpoint.llama(1)
                        .with("tie_word_embeddings", true)
                        .with("attention_bias", true)
                        .with("mlp_bias", true)
                        .with("bos_token_id", null)
                        .with("eos_token_id", List.of(3, 4))
                        .with("pad_token_id", -1),
                TinyCheckpoint.llama(1)
                        .with("head_dim", 8)
                        .with("hidden_act", "gelu_new")
                        .with("rope_scaling", Map.of("type", "linear", "factor", 2.5)),
                TinyCheckpoint.llama(1)
                        .with("hidden_act", "gelu")
                        .with("rope_theta", 5e5)
                        .with("eos_token_id", null)
                        .with(
                                "rope_scaling",
                                Map.of(
                                        "rope_type", "llama3",
                                        "factor", 4.0,
                                        "low_freq_factor", 1.0,
                                        "high_freq_factor", 4.0,
                                        "original_max_position_embeddings", 16)),
                TinyCheckpoint.llama(1).with("model_type", "mistral").with("sliding_window", null),
                TinyCheckpoint.llama(1).with("model_type", "mistral").with("sliding_window", 5),
                TinyCheckpoint.llama(1).with("model_type", "qwen2"),
                TinyCheckpoint.llama(1)
                        .with("model_type", "qwen2")
                        .with("use_sliding_window", true)
                        .with("sliding_window", 3)
                        .with("max_window_layers", 1),
                TinyCheckpoint.llama(1).with("model_type", "qwen3").with("head_dim", 6),
                TinyCheckpoint.llama(1)
                        .with("model_type", "qwen3")
                        .with("head_dim", 8)
                        .with("attention_bias", true)
                        .with("use_sliding_window", true)
                        .with("sliding_window", 3)
                        .with("max_window_layers", 1),
                TinyCheckpoint.llama(1).with("model_type", "gemma").with("head_dim", 6),
                TinyCheckpoint.llama(1)
                        .with("model_type", "gemma")
                        .with("head_dim", 10)
                        .with("attention_bias", true)
                        .with("tie_word_embeddings", true)
                        .with("hidden_act", "gelu")
                        .with("hidden_activation", "gelu"),
                TinyCheckpoint.gpt2(1),
                TinyCheckpoint.gpt2(1)
                        .withoutPrefix()
                        .without("n_inner")
                        .with("tie_word_embeddings", false)
                        .with("activation_function", "gelu")
                        .with("bos_token_id", null)
                        .with("eos_token_id", List.of(3, 4))
                        .with("pad_token_id", -1),
                TinyCheckpoint.bert(1)
                        .with("architectures", List.of("BertForMaskedLM"))
                        .with("pad_token_id", 7),
                TinyCheckpoint.distilBert(1).with("architectures", List.of("DistilBertForMaskedLM")),
                TinyCheckpoint.distilBert(1).with("activation", "gelu_new").with("pad_token_id", 3),
                TinyCheckpoint.vit(1)
                        .with("qkv_bias", false)
                        .with("layer_norm_eps", 1e-6)
                        .with("architectures", List.of("ViTForImageClassification"))
                        .with("id2label", Map.of("0", "cat", "1", "dog"))
                        .with("num_labels", 2),
                TinyCheckpoint.dinov2(1),
                TinyCheckpoint.dinov2(1)
                        .with("mlp_ratio", 2.7)
                        .with("use_swiglu_ffn", true)
                        .with("use_mask_token", false)
                        .with("qkv_bias", false)
                        .with("architectures", List.of("Dinov2ForImageClassification"))
                        .with("num_labels", 2),
                TinyCheckpoint.distilBert(1)
                        .with("architectures", List.of("DistilBertForSequenceClassification"))
                        .with("id2label", Map.of("0", "bad", "1", "good"))
                        .with("num_labels", 2),
                TinyCheckpoint.roberta(1).with("architectures", List.of("RobertaForMaskedLM")),
                TinyCheckpoint.roberta(1)
                        .with("architectures", List.of("RobertaForSequenceClassification"))
                        .with("num_labels", 3),
                TinyCheckpoint.bert(1)
                        .with("architectures", List.of("BertForSequenceClassification"))
                        .with("hidden_act", "gelu_new")
                        .with("num_labels", 2)
                        .with("id2label", Map.of("0", "bad", "1", "good")));
    }

    private Path written(TransformerCheckpoint checkpoint, String name) throws IOException {
        CheckpointFiles.write(directory.resolve(name), checkpoint.config(), checkpoint::read);
        return directory.resolve(name);
    }

    @ParameterizedTest
    @MethodSource("checkpoints")
    void what_is_written_is_read_as_it_was_and_written_again_to_the_same_bytes(TinyCheckpoint tiny) throws IOException {
        Path first;
        try (TransformerCheckpoint original =
                TransformerCheckpoint.open(tiny.filled().write(directory.resolve("original")))) {
            first = written(original, "first");
            try (TransformerCheckpoint copy = TransformerCheckpoint.open(first)) {
                assertEquals(original.config(), copy.config());
                assertEquals(original.shapes(), copy.shapes());
                for (String name : original.shapes().keySet()) {
                    assertArrayEquals(tiny.values(name), copy.read(name), name);
                }
                written(copy, "second");
            }
        }
        for (String file : List.of("config.json", "model.safetensors")) {
            assertArrayEquals(
                    Files.readAllBytes(first.resolve(file)),
                    Files.readAllBytes(directory.resolve("second").resolve(file)),
                    file);
        }
    }

    /** The testkit writes tensors in the same order. */
    @Test
    void a_file_of_tensors_in_single_precision_has_the_bytes_of_the_one_that_was_read() throws IOException {
        Path original = TinyCheckpoint.llama(1).filled().write(directory.resolve("original"));
        try (TransformerCheckpoint checkpoint = TransformerCheckpoint.open(original)) {
            assertArrayEquals(
                    Files.readAllBytes(original.resolve("model.safetensors")),
                    Files.readAllBytes(written(checkpoint, "copy").resolve("model.safetensors")));
        }
    }

    @Test
    void halves_are_written_in_single_precision() throws IOException {
        TinyCheckpoint tiny = TinyCheckpoint.llama(1).filled().halved(DType.BF16);
        try (TransformerCheckpoint checkpoint = TransformerCheckpoint.open(tiny.write(directory.resolve("original")));
                TransformerCheckpoint copy = TransformerCheckpoint.open(written(checkpoint, "copy"))) {
            assertArrayEquals(tiny.values(DecoderNames.NORM), copy.read(DecoderNames.NORM));
        }
    }

    /** As Hugging Face's library wants it. */
    @Test
    void a_config_names_its_class_and_its_type() throws IOException {
        try (TransformerCheckpoint checkpoint =
                TransformerCheckpoint.open(TinyCheckpoint.llama(1).filled().write(directory))) {
            JsonNode config = new ObjectMapper()
                    .readTree(written(checkpoint, "copy").resolve("config.json").toFile());
            assertEquals("LlamaForCausalLM", config.at("/architectures/0").asText());
            assertEquals("float32", config.path("torch_dtype").asText());
        }
    }

    @Test
    void what_cannot_be_said_or_is_not_finite_is_refused_and_older_files_stay() throws IOException {
        TinyCheckpoint tiny = TinyCheckpoint.llama(1).filled();
        try (TransformerCheckpoint checkpoint = TransformerCheckpoint.open(tiny.write(directory))) {
            byte[] before = Files.readAllBytes(directory.resolve("model.safetensors"));
            refused(
                    IllegalArgumentException.class,
                    "'model.norm.weight' must have finite values, got NaN",
                    () -> CheckpointFiles.write(directory, checkpoint.config(), name -> {
                        float[] values = checkpoint.read(name);
                        values[0] = name.equals(DecoderNames.NORM) ? Float.NaN : values[0];
                        return values;
                    }));
            refused(
                    IllegalArgumentException.class,
                    "must have",
                    () -> CheckpointFiles.write(directory, checkpoint.config(), name -> new float[7]));
            assertArrayEquals(before, Files.readAllBytes(directory.resolve("model.safetensors")));
            DecoderConfig config = (DecoderConfig) checkpoint.decoder();
            AttentionShape half =
                    new AttentionShape(4, 2, 6, true, false, config.attention().window());
            DecoderConfig odd = new DecoderConfig(
                    config.family(),
                    config.vocabulary(),
                    config.hiddenSize(),
                    config.intermediateSize(),
                    config.layers(),
                    half,
                    config.rotary(),
                    config.longest(),
                    config.rmsEpsilon(),
                    config.gate(),
                    config.feedForwardBias(),
                    config.tiedEmbeddings(),
                    config.ids());
            Path nowhere = directory.resolve("nowhere");
            refused(
                    IllegalArgumentException.class,
                    "a config.json of the type 'llama' cannot say",
                    () -> CheckpointFiles.write(nowhere, odd, checkpoint::read));
            assertFalse(Files.exists(nowhere));
        }
        try (Stream<Path> files = Files.list(directory)) {
            assertTrue(files.noneMatch(file -> file.toString().endsWith(".tmp")));
        }
    }
}
