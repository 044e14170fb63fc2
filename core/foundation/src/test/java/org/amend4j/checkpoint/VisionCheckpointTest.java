/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.amend4j.testkit.TinyCheckpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Configurations and tensors of vision transformers. */
class VisionCheckpointTest {

    @TempDir
    Path directory;

    private VisionConfig read(TinyCheckpoint tiny) throws IOException {
        return (VisionConfig) TransformerConfig.read(tiny.writeConfig(directory));
    }

    private void isRefused(String rule, TinyCheckpoint tiny) throws IOException {
        tiny.write(directory);
        refused(CheckpointException.class, rule, () -> Checkpoint.open(directory));
    }

    private static TinyCheckpoint vit() {
        return TinyCheckpoint.vit(1);
    }

    @Test
    void absent_fields_have_the_sizes_of_vit_base() throws IOException {
        TinyCheckpoint base = vit().with("encoder_stride", 16)
                .with("hidden_dropout_prob", 0.0)
                .with("attention_probs_dropout_prob", 0.0)
                .with("pooler_act", "tanh")
                .with("pooler_output_size", 768);
        for (String field : List.of(
                "image_size",
                "patch_size",
                "num_channels",
                "hidden_size",
                "intermediate_size",
                "num_hidden_layers",
                "num_attention_heads",
                "architectures")) {
            base.without(field);
        }
        VisionConfig read = read(base);
        assertEquals(
                new VisionConfig(
                        new EncoderHead.None(), 224, 16, 3, 768, 3072, 12, 12, true, 1e-12, HiddenActivation.GELU),
                read);
        assertEquals(196, read.patches());
        assertEquals(768, read.patchWidth());
    }

    @Test
    void classes_have_their_names() throws IOException {
        assertEquals(
                new EncoderHead.Classifier(List.of("cat", "dog")),
                read(vit().with("architectures", List.of("ViTForImageClassification"))
                                .with("id2label", Map.of("0", "cat", "1", "dog")))
                        .head());
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "image_size, 7, image_size must be a multiple of patch_size",
                "hidden_size, 22, hidden_size must be a multiple of num_attention_heads",
                "image_size, 2147483646, patches and their numbers must be fewer than 2^31",
                "num_channels, 2000000000, patches and their numbers must be fewer than 2^31",
                "patch_size, 0, patch_size must be >= 1",
                "pooler_output_size, 12, 'pooler_output_size' and 'pooler_act' must be those of ViT",
                "use_swiglu_ffn, 1, the field 'use_swiglu_ffn' is not known",
                "num_channels, 1, \"the tensor 'embeddings.patch_embeddings.projection.weight' must have the shape [24, 1, 2, 2]\"",
                "image_size, 8, \"the tensor 'embeddings.position_embeddings' must have the shape [1, 17, 24]\""
            })
    void what_does_not_fit_is_refused_by_name(String field, int value, String rule) throws IOException {
        isRefused(rule, vit().filled().with(field, value));
    }

    @Test
    void other_heads_activations_and_lists_of_sizes_are_refused() throws IOException {
        isRefused(
                "'architectures' must be", vit().filled().with("architectures", List.of("ViTForMaskedImageModeling")));
        isRefused("the activation 'relu' is not supported", vit().filled().with("hidden_act", "relu"));
        isRefused("'image_size' must be a whole number", vit().filled().with("image_size", List.of(6, 6)));
        isRefused(
                "the tensor 'embeddings.mask_token' has no place",
                vit().filled().put("embeddings.mask_token", List.of(1L, 1L, 24L), new float[24]));
    }

    @Test
    void a_pooler_may_be_missing_whole() throws IOException {
        vit().filled().drop("pooler.dense.weight").drop("pooler.dense.bias").write(directory);
        Checkpoint.open(directory).close();
        isRefused("the tensor 'pooler.dense.bias' is missing", vit().filled().drop("pooler.dense.bias"));
    }

    @Test
    void pictures_are_no_texts() throws IOException {
        vit().filled().write(directory);
        try (Checkpoint checkpoint = Checkpoint.open(directory)) {
            refused(
                    CheckpointException.class,
                    "a vit model is an encoder of pictures, it does not say one token after another",
                    checkpoint::decoder);
        }
    }
}
