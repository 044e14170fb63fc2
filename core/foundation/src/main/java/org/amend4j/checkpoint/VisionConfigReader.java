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

    /** Beyond what is harmless in all: dropout, which is for training in full, and what other heads have. */
    private static final Set<String> HARMLESS =
            Set.of("attention_probs_dropout_prob", "encoder_stride", "hidden_dropout_prob", "num_labels");

    private static final List<String> OFF =
            List.of("is_decoder", "is_encoder_decoder", "pruned_heads", "quantization_config");

    private static final double EPSILON = 1e-12;

    private final ConfigFields fields;

    VisionConfigReader(ConfigFields fields) {
        this.fields = fields;
    }

    VisionConfig config() {
        OFF.forEach(fields::requireOff);
        int hidden = fields.integer("hidden_size", 768);
        VisionConfig config = new VisionConfig(
                head(),
                fields.integer("image_size", 224),
                fields.integer("patch_size", 16),
                fields.integer("num_channels", 3),
                hidden,
                fields.integer("intermediate_size", 3072),
                fields.integer("num_hidden_layers", 12),
                fields.integer("num_attention_heads", 12),
                fields.flag("qkv_bias", true),
                fields.number("layer_norm_eps").orElse(EPSILON),
                HiddenActivation.read(fields, "gelu"));
        requireUsualPooler(hidden);
        fields.requireNoOthers(Stream.concat(HARMLESS.stream(), DecoderConfigReader.HARMLESS.stream())
                .collect(Collectors.toSet()));
        return config;
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

    private EncoderHead head() {
        List<String> classes = fields.texts("architectures").orElse(List.of("ViTModel"));
        String of = classes.size() == 1 ? classes.get(0) : String.valueOf(classes);
        return switch (of) {
            case "ViTModel" -> new EncoderHead.None();
            case "ViTForImageClassification" -> ClassLabels.read(fields);
            default ->
                throw new IllegalArgumentException("'architectures' must be "
                        + Checks.listed(List.of("ViTModel", "ViTForImageClassification")) + ", got "
                        + Printable.quoted(of));
        };
    }
}
