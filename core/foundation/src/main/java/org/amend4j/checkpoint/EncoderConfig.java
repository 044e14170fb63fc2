/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.Objects;
import java.util.OptionalInt;
import org.amend4j.internal.validation.Checks;

/**
 * Configuration of an encoder of BERT's family. The rows are x = norm(words + positions + types). Each layer computes first x = norm(x +
 * output(attention x)), then x = norm(x + output(a(intermediate x))).
 *
 * @param family which names, and where positions start
 * @param head what stands on it
 * @param vocabulary how many tokens, >= 1
 * @param hiddenSize numbers in a row, a multiple of {@code heads}
 * @param intermediateSize numbers between the feed-forward part's matrices, >= 1
 * @param layers >= 1
 * @param heads of attention, >= 1
 * @param positions rows of the table of positions, more than the family's offset
 * @param types rows of the table of token types, >= 1, or 0 in a family without one
 * @param epsilon added to variances, > 0
 * @param activation a in the feed-forward part
 * @param padding the token with which shorter texts of a batch are filled, {@code pad_token_id}; only written again
 */
public record EncoderConfig(
        EncoderFamily family,
        EncoderHead head,
        int vocabulary,
        int hiddenSize,
        int intermediateSize,
        int layers,
        int heads,
        int positions,
        int types,
        double epsilon,
        HiddenActivation activation,
        OptionalInt padding)
        implements TextConfig {

    /** One that says nothing of a token that fills. */
    public EncoderConfig(
            EncoderFamily family,
            EncoderHead head,
            int vocabulary,
            int hiddenSize,
            int intermediateSize,
            int layers,
            int heads,
            int positions,
            int types,
            double epsilon,
            HiddenActivation activation) {
        this(
                family,
                head,
                vocabulary,
                hiddenSize,
                intermediateSize,
                layers,
                heads,
                positions,
                types,
                epsilon,
                activation,
                OptionalInt.empty());
    }

    /** Checks the sizes. */
    public EncoderConfig {
        Objects.requireNonNull(family, "family");
        Objects.requireNonNull(head, "head");
        Objects.requireNonNull(activation, "activation");
        Checks.atLeast(1, "vocab_size", vocabulary);
        Checks.atLeast(1, "hidden_size", hiddenSize);
        Checks.atLeast(1, "intermediate_size", intermediateSize);
        Checks.atLeast(1, "num_hidden_layers", layers);
        Checks.atLeast(1, "num_attention_heads", heads);
        Checks.atLeast(1 + family.positionOffset(), "max_position_embeddings", positions);
        Checks.inRange(family.isTyped() ? 1 : 0, family.isTyped() ? Integer.MAX_VALUE : 0, "type_vocab_size", types);
        Checks.positive("layer_norm_eps", epsilon);
        if (hiddenSize % heads != 0) {
            throw new IllegalArgumentException(
                    "hidden_size must be a multiple of num_attention_heads, got " + hiddenSize + " and " + heads);
        }
    }

    @Override
    public String modelType() {
        return family.modelType();
    }

    @Override
    public String architecture() {
        if (head instanceof EncoderHead.Classifier) {
            return family.className() + "ForSequenceClassification";
        }
        return family.className() + (head instanceof EncoderHead.MaskedTokens ? "ForMaskedLM" : "Model");
    }

    @Override
    public int longest() {
        return positions - family.positionOffset();
    }

    /** This, with another head. */
    public EncoderConfig withHead(EncoderHead other) {
        return new EncoderConfig(
                family,
                other,
                vocabulary,
                hiddenSize,
                intermediateSize,
                layers,
                heads,
                positions,
                types,
                epsilon,
                activation,
                padding);
    }
}
