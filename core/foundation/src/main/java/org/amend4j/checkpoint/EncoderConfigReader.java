/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.amend4j.internal.validation.Checks;
import org.amend4j.safetensors.Printable;

/** Makes an encoder's configuration of its {@code config.json}, as {@link DecoderConfigReader} does a decoder's. */
final class EncoderConfigReader {

    /** Beyond what is harmless in all: dropout, which is for training in full, and names. */
    private static final Set<String> HARMLESS = Set.of(
            "attention_probs_dropout_prob",
            "bos_token_id",
            "classifier_dropout",
            "directionality",
            "dropout",
            "eos_token_id",
            "hidden_dropout_prob",
            "num_labels",
            "output_past",
            "pooler_fc_size",
            "pooler_num_attention_heads",
            "pooler_num_fc_layers",
            "pooler_size_per_head",
            "pooler_type",
            "qa_dropout",
            "seq_classif_dropout",
            "tie_weights_",
            "tie_word_embeddings");

    private static final List<String> OFF =
            List.of("add_cross_attention", "is_decoder", "is_encoder_decoder", "pruned_heads", "quantization_config");

    private static final double EPSILON = 1e-12;

    /** BERT-base: what Hugging Face's classes take for absent sizes. */
    private static final int BERT_WORDS = 30522;

    private static final int ROBERTA_WORDS = 50265;

    private final ConfigFields fields;
    private final EncoderFamily family;

    EncoderConfigReader(ConfigFields fields, EncoderFamily family) {
        this.fields = fields;
        this.family = family;
    }

    EncoderConfig config() {
        OFF.forEach(fields::requireOff);
        EncoderConfig config = family == EncoderFamily.DISTILBERT ? distilBert() : bert();
        fields.warnOfOthers(Stream.concat(HARMLESS.stream(), DecoderConfigReader.HARMLESS.stream())
                .collect(Collectors.toSet()));
        return config;
    }

    private EncoderConfig bert() {
        String positions = fields.text("position_embedding_type").orElse("absolute");
        if (!positions.equals("absolute")) {
            throw new IllegalArgumentException(
                    "'position_embedding_type' must be \"absolute\", got " + Printable.quoted(positions));
        }
        requireUsualPadding();
        return new EncoderConfig(
                family,
                head(),
                fields.integer("vocab_size", family == EncoderFamily.BERT ? BERT_WORDS : ROBERTA_WORDS),
                fields.integer("hidden_size", 768),
                fields.integer("intermediate_size", 3072),
                fields.integer("num_hidden_layers", 12),
                fields.integer("num_attention_heads", 12),
                fields.integer("max_position_embeddings", 512),
                fields.integer("type_vocab_size", 2),
                fields.number("layer_norm_eps").orElse(EPSILON),
                HiddenActivation.read(fields, "gelu"),
                fields.optionalInteger("pad_token_id"));
    }

    /** Its fields have names of their own, and what its norms add to variances is fixed. */
    private EncoderConfig distilBert() {
        List.of("sinusoidal_pos_embds", "hidden_size", "num_attention_heads", "num_hidden_layers")
                .forEach(fields::requireOff);
        return new EncoderConfig(
                family,
                head(),
                fields.integer("vocab_size", BERT_WORDS),
                fields.integer("dim", 768),
                fields.integer("hidden_dim", 4 * 768),
                fields.integer("n_layers", 6),
                fields.integer("n_heads", 12),
                fields.integer("max_position_embeddings", 512),
                0,
                EPSILON,
                HiddenActivation.read(fields, "activation", "gelu"),
                fields.optionalInteger("pad_token_id"));
    }

    /** RoBERTa's positions begin behind the number of the token that fills. */
    private void requireUsualPadding() {
        if (family == EncoderFamily.ROBERTA && fields.integer("pad_token_id", 1) != 1) {
            throw new IllegalArgumentException(
                    "'pad_token_id' must be 1, since positions begin behind it, got " + fields.integer("pad_token_id"));
        }
    }

    private EncoderHead head() {
        String name = family.className();
        List<String> classes = fields.texts("architectures").orElse(List.of(name + "Model"));
        String of = classes.size() == 1 ? classes.get(0) : String.valueOf(classes);
        if (of.equals(name + "Model")) {
            return new EncoderHead.None();
        }
        if (of.equals(name + "ForMaskedLM") || of.equals("BertForPreTraining")) {
            requireTied();
            return new EncoderHead.MaskedTokens();
        }
        if (of.equals(name + "ForSequenceClassification")) {
            return ClassLabels.read(fields);
        }
        throw new IllegalArgumentException("'architectures' must be "
                + Checks.listed(List.of(name + "Model", name + "ForMaskedLM", name + "ForSequenceClassification"))
                + ", got " + Printable.quoted(of));
    }

    private void requireTied() {
        if (!fields.flag("tie_word_embeddings", true)) {
            throw new IllegalArgumentException(
                    "'tie_word_embeddings' must be true: scores of masked words are products with their embeddings");
        }
    }
}
