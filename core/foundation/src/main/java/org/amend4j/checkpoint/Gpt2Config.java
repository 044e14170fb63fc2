/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.Objects;
import org.amend4j.internal.validation.Checks;

/**
 * Configuration of a GPT-2. The rows are x = words + positions. Each layer adds to them: first x += proj(attention(attn(norm x))), with one
 * linear layer for queries, keys and values, then x += proj(a(fc(norm x))). A last norm follows, and products with the head's rows. Norms
 * are by mean and variance, all linears but the head have biases.
 *
 * @param vocabulary how many tokens, >= 1
 * @param hiddenSize numbers in a row, a multiple of {@code heads}
 * @param innerSize numbers between the feed-forward part's matrices, >= 1
 * @param layers >= 1
 * @param heads of attention, >= 1
 * @param positions the longest text, >= 1
 * @param epsilon added to variances, > 0
 * @param activation a in the feed-forward part
 * @param tiedEmbeddings whether the head is the table of embeddings
 * @param ids tokens that are no text, as the file gives them
 */
public record Gpt2Config(
        int vocabulary,
        int hiddenSize,
        int innerSize,
        int layers,
        int heads,
        int positions,
        double epsilon,
        HiddenActivation activation,
        boolean tiedEmbeddings,
        SpecialIds ids)
        implements CausalConfig {

    /** Hugging Face's name of the family. */
    static final String MODEL_TYPE = "gpt2";

    /** So that queries, keys and values, and a usual row of the feed-forward part, can be counted. */
    static final int MOST_IN_A_ROW = Integer.MAX_VALUE / 4;

    /** Checks the sizes. */
    public Gpt2Config {
        Objects.requireNonNull(activation, "activation");
        Checks.atLeast(1, "vocab_size", vocabulary);
        Checks.inRange(1, MOST_IN_A_ROW, "n_embd", hiddenSize);
        Checks.atLeast(1, "n_inner", innerSize);
        Checks.atLeast(1, "n_layer", layers);
        Checks.atLeast(1, "n_head", heads);
        Checks.atLeast(1, "n_positions", positions);
        Checks.positive("layer_norm_epsilon", epsilon);
        if (hiddenSize % heads != 0) {
            throw new IllegalArgumentException(
                    "n_embd must be a multiple of n_head, got " + hiddenSize + " and " + heads);
        }
    }

    @Override
    public String modelType() {
        return MODEL_TYPE;
    }

    @Override
    public String architecture() {
        return "GPT2LMHeadModel";
    }

    @Override
    public int longest() {
        return positions;
    }

    @Override
    public Gpt2Config untied() {
        return new Gpt2Config(
                vocabulary, hiddenSize, innerSize, layers, heads, positions, epsilon, activation, false, ids);
    }
}
