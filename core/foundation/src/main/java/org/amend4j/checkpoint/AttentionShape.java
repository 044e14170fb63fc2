/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.Optional;
import org.amend4j.internal.validation.Checks;

/**
 * The shape of a layer's attention: several query heads share one head of keys and values.
 *
 * @param heads of queries, >= 1
 * @param keyValueHeads of keys and values, a divisor of {@code heads}
 * @param headSize numbers in a head, even
 * @param inputBias whether the projections to queries, keys and values have biases
 * @param outputBias whether the projection of the result has one
 * @param window how far back it reaches; empty for as far as there is something
 */
public record AttentionShape(
        int heads,
        int keyValueHeads,
        int headSize,
        boolean inputBias,
        boolean outputBias,
        Optional<SlidingWindow> window) {

    /** Checks the sizes. */
    public AttentionShape {
        Checks.atLeast(1, "num_attention_heads", heads);
        Checks.atLeast(1, "num_key_value_heads", keyValueHeads);
        Checks.atLeast(2, "head_dim", headSize);
        if (heads % keyValueHeads != 0) {
            throw new IllegalArgumentException("num_attention_heads must be a multiple of num_key_value_heads, got "
                    + heads + " and " + keyValueHeads);
        }
        if (headSize % 2 != 0) {
            throw new IllegalArgumentException("head_dim must be even, got " + headSize);
        }
        if ((long) heads * headSize > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "num_attention_heads · head_dim must be below 2^31, got " + heads + " · " + headSize);
        }
    }

    /** Numbers in a row of queries. */
    public int queryWidth() {
        return heads * headSize;
    }

    /** Numbers in a row of keys, or of values. */
    public int keyValueWidth() {
        return keyValueHeads * headSize;
    }
}
