/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.List;
import java.util.Optional;
import org.amend4j.checkpoint.CausalConfig;

/**
 * Says what may come next in texts that grow, token by token, with keys and values of earlier tokens kept.
 *
 * @param <T> how a text is kept
 */
public interface TokenDecoder<T extends GrowingTokens> {

    /** What it computes. */
    CausalConfig config();

    /**
     * An empty text.
     *
     * @param adapter what it is computed with beside the base
     * @throws IllegalArgumentException if the adapter was not made for a model like this, or this decoder cannot compute it
     */
    T begin(Optional<DecoderAdapter> adapter);

    /**
     * Appends tokens.
     *
     * @param tokens at least one, each in [0, vocabulary)
     * @return the logits after the last of them, one for each token of the vocabulary
     * @throws IllegalArgumentException if a token is none, or the text would be longer than the model's positions; it is then as it was
     */
    float[] append(T text, int... tokens);

    /**
     * Appends a token to each of several texts, whose weights are then read only once.
     *
     * @param texts which differ
     * @param tokens as many
     * @return the logits after each
     * @throws IllegalArgumentException as {@link #append}; all texts are then as they were
     */
    List<float[]> appendEach(List<T> texts, int... tokens);

    /** Gives back what it keeps of a text, which is not used any more. */
    void end(T text);
}
