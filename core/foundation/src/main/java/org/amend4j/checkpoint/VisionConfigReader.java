/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.amend4j.internal.validation.Checks;
import org.amend4j.safetensors.Printable;

/** Makes a vision transformer's configuration of its {@code config.json}, as {@link DecoderConfigReader} does a decoder's. */
final class VisionConfigReader {

    /** Every {@code model_type} that this reads. */
    static final List<String> TYPES = List.of(VisionFamily.Vit.MODEL_TYPE, VisionFamily.Dinov2.MODEL_TYPE);

    /** Beyond what is harmless in all: dropout, which is for training in full, and what other heads have. */
    private static final Set<String> HARMLESS =
            Set.of("attention_probs_dropout_prob", "encoder_stride", "hidden_dropout_prob", "num_labels");

    /** Of a DINOv2: dropout of whole layers, what scales start with, and what only its class for backbones reads. */
    private static final Set<String> HARMLESS_IN_DINOV2 = Set.of(
            "apply_layernorm",
            "attention_probs_dropout_prob",
            "drop_path_rate",
            "hidden_dropout_prob",
            "layerscale_value",
            "num_labels",
            "out_features",
            "out_indices",
            "reshape_hidden_states",
            "stage_names");

    private static final List<String> OFF =
            List.of("is_decoder", "is_encoder_decoder", "pruned_heads", "quantization_config");

    private static final double EPSILON_OF_VIT = 1e-12;

    private final ConfigFields fields;

    VisionConfigReader(ConfigFields fields) {
        this.fields = fields;
    }

    /** @param type one of {@link #TYPES} */
    VisionConfig config(String type) {
        OFF.forEach(fields::requireOff);
        return type.equals(VisionFamily.Vit.MODEL_TYPE) ? vit() : dinov2();
    }

    private VisionConfig vit() {
        int hidden = fields.integer("hidden_size", 768);
        VisionFamily family = new VisionFamily.Vit();
        VisionConfig config = new VisionConfig(
                family,
                head(family),
                fields.integer("image_size", 224),
                fields.integer("patch_size", 16),
                fields.integer("num_channels", 3),
                hidden,
                fields.integer("intermediate_size", 3072),
                fields.integer("num_hidden_layers", 12),
                fields.integer("num_attention_heads", 12),
                fields.flag("qkv_bias", true),
                fields.number("layer_norm_eps").orElse(EPSILON_OF_VIT),
                HiddenActivation.read(fields, "gelu"));
        requireUsualPooler(hidden);
        warnOfOthers(HARMLESS);
        return config;
    }

    /** Releases of Transformers differ in the size of patches, and in what norms add to variances, where a file does not say it. */
    private VisionConfig dinov2() {
        int hidden = fields.integer("hidden_size", 768);
        boolean gated = fields.flag("use_swiglu_ffn", false);
        VisionFamily family = new VisionFamily.Dinov2(gated, fields.flag("use_mask_token", true));
        HiddenActivation activation = HiddenActivation.read(fields, "gelu");
        VisionConfig config = new VisionConfig(
                family,
                head(family),
                fields.integer("image_size", 224),
                fields.integer("patch_size"),
                fields.integer("num_channels", 3),
                hidden,
                FeedForwardRatio.size(hidden, fields.number("mlp_ratio").orElse(4.0), gated),
                fields.integer("num_hidden_layers", 12),
                fields.integer("num_attention_heads", 12),
                fields.flag("qkv_bias", true),
                fields.number("layer_norm_eps")
                        .orElseThrow(() -> new IllegalArgumentException("'layer_norm_eps' is missing")),
                gated ? HiddenActivation.SILU : activation);
        warnOfOthers(HARMLESS_IN_DINOV2);
        return config;
    }

    private void warnOfOthers(Set<String> harmless) {
        fields.warnOfOthers(Stream.concat(harmless.stream(), DecoderConfigReader.HARMLESS.stream())
                .collect(Collectors.toSet()));
    }

    private void requireUsualPooler(int hidden) {
        int size = fields.integer("pooler_output_size", hidden);
        String activation = fields.text("pooler_act").orElse("tanh");
        if (size != hidden || !activation.equals("tanh")) {
            throw new IllegalArgumentException(
                    "'pooler_output_size' and 'pooler_act' must be those of ViT, hidden_size and \"tanh\", got " + size
                            + " and " + Printable.quoted(activation));
        }
    }

    private EncoderHead head(VisionFamily family) {
        String plain = family.className() + "Model";
        String classifier = family.className() + "ForImageClassification";
        List<String> classes = fields.texts("architectures").orElse(List.of(plain));
        String of = classes.size() == 1 ? classes.get(0) : String.valueOf(classes);
        if (of.equals(classifier)) {
            return ClassLabels.read(fields);
        }
        if (!of.equals(plain)) {
            throw new IllegalArgumentException("'architectures' must be " + Checks.listed(List.of(plain, classifier))
                    + ", got " + Printable.quoted(of));
        }
        return new EncoderHead.None();
    }
}
