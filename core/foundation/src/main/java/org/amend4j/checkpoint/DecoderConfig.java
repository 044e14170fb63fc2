/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.OptionalInt;
import org.amend4j.internal.validation.Checks;

/**
 * Configuration of a decoder of Llama's family. Each layer adds to the rows x: first x += o(attention(norm x)), then x += down(a(gate(norm
 * x)) · up(norm x)). A last norm follows, and products with the head's rows.
 *
 * @param family which names and which rules of defaults
 * @param vocabulary how many tokens, >= 1
 * @param hiddenSize numbers in a row, >= 1
 * @param intermediateSize numbers between the feed-forward part's matrices, >= 1
 * @param layers >= 1
 * @param attention heads and biases
 * @param rotary how positions turn queries and keys
 * @param longest the most tokens that a text can have, >= 1
 * @param rmsEpsilon added to mean squares, > 0
 * @param gate a in the feed-forward part
 * @param feedForwardBias whether its three matrices have biases
 * @param tiedEmbeddings whether the head is the table of embeddings
 * @param ids tokens that are no text, as the file gives them
 */
public record DecoderConfig(
        DecoderFamily family,
        int vocabulary,
        int hiddenSize,
        int intermediateSize,
        int layers,
        AttentionShape attention,
        RotaryEmbedding rotary,
        int longest,
        double rmsEpsilon,
        HiddenActivation gate,
        boolean feedForwardBias,
        boolean tiedEmbeddings,
        SpecialIds ids)
        implements CausalConfig {

    /** Checks the sizes. */
    public DecoderConfig {
        Checks.atLeast(1, "vocab_size", vocabulary);
        Checks.atLeast(1, "hidden_size", hiddenSize);
        Checks.atLeast(1, "intermediate_size", intermediateSize);
        Checks.atLeast(1, "num_hidden_layers", layers);
        Checks.atLeast(1, "max_position_embeddings", longest);
        Checks.positive("rms_norm_eps", rmsEpsilon);
    }

    @Override
    public String modelType() {
        return family.modelType();
    }

    @Override
    public String architecture() {
        return family.className() + "ForCausalLM";
    }

    /** What rows of the table of embeddings are multiplied with before the first layer; the head, tied or not, is not. */
    public double embeddingFactor() {
        return family == DecoderFamily.GEMMA ? Math.sqrt(hiddenSize) : 1;
    }

    /** How many positions a query of a layer sees; empty for all up to its own. */
    public OptionalInt window(int layer) {
        return attention
                .window()
                .filter(window -> layer >= window.firstLayer())
                .map(window -> OptionalInt.of(window.size()))
                .orElse(OptionalInt.empty());
    }

    @Override
    public DecoderConfig untied() {
        return new DecoderConfig(
                family,
                vocabulary,
                hiddenSize,
                intermediateSize,
                layers,
                attention,
                rotary,
                longest,
                rmsEpsilon,
                gate,
                feedForwardBias,
                false,
                ids);
    }
}
