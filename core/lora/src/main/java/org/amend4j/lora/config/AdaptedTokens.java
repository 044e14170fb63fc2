/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.config;

import java.util.HashSet;
import java.util.List;
import org.amend4j.internal.validation.Checks;

/**
 * Tokens of an embedding of the base whose vectors train beside the adapters, as copies (PEFT's {@code trainable_token_indices}). Can be
 * a property of a Deeplearning4j configuration; invalid JSON is refused.
 *
 * @param vertex name of the embedding
 * @param indices the tokens, each once, >= 0, at least one; their vectors are laid out in this order
 * @param width elements of a vector, >= 1
 */
public record AdaptedTokens(String vertex, List<Integer> indices, long width) {

    /** @throws IllegalArgumentException if a component breaks its rule */
    public AdaptedTokens {
        Checks.name("the vertex of trained tokens", vertex);
        indices = checked(vertex, indices);
        if (width < 1) {
            throw new IllegalArgumentException(
                    "the width of the trained tokens of '" + vertex + "' must be >= 1, got " + width);
        }
    }

    /**
     * A copy of indices that can be those of tokens.
     *
     * @throws IllegalArgumentException if there is none, one is negative, or one is there twice
     */
    static List<Integer> checked(String layer, List<Integer> indices) {
        List<Integer> all = List.copyOf(Checks.present("the trained tokens of '" + layer + "'", indices));
        boolean different = new HashSet<>(all).size() == all.size();
        if (all.isEmpty() || !different || all.stream().anyMatch(index -> index < 0)) {
            throw new IllegalArgumentException(
                    "the trained tokens of '" + layer + "' must be >= 0, different and at least one, got " + all);
        }
        return all;
    }

    /** Elements of all vectors. */
    public long parameters() {
        return indices.size() * width;
    }
}
