/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
        refused(CheckpointException.class, rule, () -> TransformerCheckpoint.open(directory));
    }

    private static TinyCheckpoint dinov2() {
        return TinyCheckpoint.dinov2(1);
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
                        new VisionFamily.Vit(),
                        new EncoderHead.None(),
                        224,
                        16,
                        3,
                        768,
                        3072,
                        12,
                        12,
                        true,
                        1e-12,
                        HiddenActivation.GELU),
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
                "hidden_size, 1073741824, hidden_size must be",
                "hidden_size, 22, hidden_size must be a multiple of num_attention_heads",
                "image_size, 2147483646, patches and their numbers must be fewer than 2^31",
                "num_channels, 2000000000, patches and their numbers must be fewer than 2^31",
                "patch_size, 0, patch_size must be >= 1",
                "pooler_output_size, 12, 'pooler_output_size' and 'pooler_act' must be those of ViT",
                "use_swiglu_ffn, 1, 'use_swiglu_ffn' is not supported",
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
        TransformerCheckpoint.open(directory).close();
        isRefused("the tensor 'pooler.dense.bias' is missing", vit().filled().drop("pooler.dense.bias"));
    }

    /** But for the two in which releases of Transformers differ. */
    @Test
    void absent_fields_of_a_dinov2_have_the_values_of_its_class() throws IOException {
        TinyCheckpoint base = dinov2().with("patch_size", 14)
                .with("image_size", 518)
                .with("layerscale_value", 1.0)
                .with("drop_path_rate", 0.0)
                .with("apply_layernorm", true)
                .with("reshape_hidden_states", true)
                .with("out_features", List.of("stage12"))
                .with("out_indices", List.of(12))
                .with("stage_names", List.of("stem", "stage1"));
        for (String field : List.of(
                "num_channels",
                "hidden_size",
                "mlp_ratio",
                "num_hidden_layers",
                "num_attention_heads",
                "architectures")) {
            base.without(field);
        }
        VisionConfig read = read(base);
        assertEquals(
                new VisionConfig(
                        new VisionFamily.Dinov2(false, true),
                        new EncoderHead.None(),
                        518,
                        14,
                        3,
                        768,
                        3072,
                        12,
                        12,
                        true,
                        1e-6,
                        HiddenActivation.GELU),
                read);
        assertEquals(1369, read.patches());
        isRefused("'patch_size' is missing", dinov2().filled().without("patch_size"));
        isRefused("'layer_norm_eps' is missing", dinov2().filled().without("layer_norm_eps"));
    }

    /** dinov2-giant has 1536 numbers in a row and 4096 within its gate; its {@code hidden_act} says "gelu" and means nothing. */
    @Test
    void a_gated_dinov2_has_two_thirds_of_its_ratio_rounded_up_to_eights_and_silu() throws IOException {
        VisionConfig read =
                read(dinov2().with("hidden_size", 1536).with("mlp_ratio", 4).with("use_swiglu_ffn", true));
        assertEquals(4096, read.intermediateSize());
        assertEquals(8192, read.wideSize());
        assertEquals(HiddenActivation.SILU, read.activation());
        assertEquals(
                72,
                read(dinov2().with("mlp_ratio", 4.1).with("use_swiglu_ffn", true))
                        .intermediateSize());
    }

    @Test
    void a_whole_ratio_stays_whole() {
        for (int hidden : new int[] {2, 3, 24, 384, 1536}) {
            for (int ratio = 1; ratio <= 8; ratio++) {
                for (boolean gated : new boolean[] {false, true}) {
                    int size = FeedForwardRatio.size(hidden, ratio, gated);
                    double found = FeedForwardRatio.ratio(hidden, size, gated);
                    assertEquals(Math.rint(found), found, hidden + " " + ratio);
                    assertTrue(gated || found == ratio, hidden + " " + ratio + " became " + found);
                }
            }
        }
    }

    @Test
    void a_ratio_is_found_for_every_size() {
        for (int hidden : List.of(1, 7, 24, 384, 1536)) {
            for (int size = 1; size < 3000; size++) {
                assertEquals(size, FeedForwardRatio.size(hidden, FeedForwardRatio.ratio(hidden, size, false), false));
                int gated = 8 * size;
                assertEquals(gated, FeedForwardRatio.size(hidden, FeedForwardRatio.ratio(hidden, gated, true), true));
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "mlp_ratio, 0, mlp_ratio must be > 0",
                "mlp_ratio, 2000000000, 'mlp_ratio' must give the feed-forward part 1 number or more",
                "mlp_ratio, 3, \"the tensor 'encoder.layer.0.mlp.fc1.weight' must have the shape [72, 24]\"",
                "num_register_tokens, 4, 'num_register_tokens' is not supported",
                "image_size, 8, \"the tensor 'embeddings.position_embeddings' must have the shape [1, 17, 24]\""
            })
    void what_does_not_fit_a_dinov2_is_refused_by_name(String field, int value, String rule) throws IOException {
        isRefused(rule, dinov2().filled().with(field, value));
    }

    @Test
    void a_dinov2s_tensors_are_those_that_its_fields_ask_for() throws IOException {
        isRefused(
                "the tensor 'embeddings.mask_token' has no place",
                dinov2().filled().with("use_mask_token", false));
        isRefused(
                "the tensor 'embeddings.mask_token' is missing",
                dinov2().filled().drop("embeddings.mask_token"));
        isRefused(
                "the tensor 'encoder.layer.0.mlp.weights_in.weight' is missing",
                dinov2().filled().with("use_swiglu_ffn", true));
        isRefused(
                "the tensor 'encoder.layer.2.layer_scale2.lambda1' is missing",
                dinov2().filled().drop("encoder.layer.2.layer_scale2.lambda1"));
        isRefused(
                "the tensor 'pooler.dense.bias' has no place",
                dinov2().filled().put("pooler.dense.bias", List.of(24L), new float[24]));
        isRefused("'architectures' must be", dinov2().filled().with("architectures", List.of("Dinov2Backbone")));
        isRefused("'architectures' must be", dinov2().filled().with("architectures", List.of("ViTModel")));
    }

    @Test
    void the_size_of_a_gated_part_is_a_multiple_of_eight_and_its_function_silu() {
        refused(
                IllegalArgumentException.class,
                "intermediate_size of a gated feed-forward part must be a multiple of 8, got 20",
                () -> gated(20, HiddenActivation.SILU));
        refused(
                IllegalArgumentException.class,
                "a gated feed-forward part of a vision transformer has the activation SILU, got GELU",
                () -> gated(24, HiddenActivation.GELU));
    }

    private static VisionConfig gated(int size, HiddenActivation activation) {
        VisionFamily family = new VisionFamily.Dinov2(true, true);
        return new VisionConfig(family, new EncoderHead.None(), 28, 14, 3, 24, size, 1, 4, true, 1e-6, activation);
    }

    @Test
    void pictures_are_no_texts() throws IOException {
        vit().filled().write(directory);
        try (TransformerCheckpoint checkpoint = TransformerCheckpoint.open(directory)) {
            refused(
                    CheckpointException.class,
                    "a vit model is an encoder of pictures, it does not say one token after another",
                    checkpoint::decoder);
        }
    }
}
