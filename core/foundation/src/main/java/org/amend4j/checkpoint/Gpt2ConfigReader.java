/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.amend4j.internal.validation.Checks;

/** Makes a GPT-2's configuration of its {@code config.json}, as {@link DecoderConfigReader} does a Llama's. */
final class Gpt2ConfigReader {

    /** Beyond what is harmless in all: dropout, heads that are not read, and an order of computing the same. */
    private static final Set<String> HARMLESS = Set.of(
            "attn_pdrop",
            "embd_pdrop",
            "n_ctx",
            "n_special",
            "num_labels",
            "predict_special_tokens",
            "reorder_and_upcast_attn",
            "resid_pdrop",
            "summary_activation",
            "summary_first_dropout",
            "summary_proj_to_labels",
            "summary_type",
            "summary_use_proj");

    /** What is not done here, and other names of sizes. */
    private static final List<String> OFF = List.of(
            "add_cross_attention",
            "hidden_size",
            "is_encoder_decoder",
            "max_position_embeddings",
            "num_attention_heads",
            "num_hidden_layers",
            "pruned_heads",
            "quantization_config",
            "scale_attn_by_inverse_layer_idx",
            "tie_encoder_decoder");

    /** What Hugging Face's class takes for absent fields: the smallest GPT-2. */
    private static final int WORDS = 50257;

    private static final int END = 50256;
    private static final double EPSILON = 1e-5;

    private final ConfigFields fields;

    Gpt2ConfigReader(ConfigFields fields) {
        this.fields = fields;
    }

    Gpt2Config config() {
        OFF.forEach(fields::requireOff);
        if (!fields.flag("scale_attn_weights", true)) {
            throw new IllegalArgumentException("'scale_attn_weights' must be true, got false");
        }
        int hidden = Checks.inRange(1, Gpt2Config.MOST_IN_A_ROW, "n_embd", fields.integer("n_embd", 768));
        Gpt2Config config = new Gpt2Config(
                fields.integer("vocab_size", WORDS),
                hidden,
                fields.optionalInteger("n_inner").orElse(4 * hidden),
                fields.integer("n_layer", 12),
                fields.integer("n_head", 12),
                fields.integer("n_positions", 1024),
                fields.number("layer_norm_epsilon").orElse(EPSILON),
                HiddenActivation.read(fields, "activation_function", "gelu_new"),
                fields.flag("tie_word_embeddings", true),
                ids());
        fields.warnOfOthers(Stream.concat(HARMLESS.stream(), DecoderConfigReader.HARMLESS.stream())
                .collect(Collectors.toSet()));
        return config;
    }

    private SpecialIds ids() {
        OptionalInt start = fields.optionalInteger("bos_token_id");
        List<Integer> ends = fields.integers("eos_token_id");
        return new SpecialIds(
                fields.mentions("bos_token_id") ? start : OptionalInt.of(END),
                fields.mentions("eos_token_id") ? ends : List.of(END),
                fields.optionalInteger("pad_token_id"));
    }
}
