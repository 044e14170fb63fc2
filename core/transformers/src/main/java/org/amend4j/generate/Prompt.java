/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.List;
import java.util.Optional;

/**
 * The beginning of a text.
 *
 * @param tokens at least one
 * @param adapter what the text is computed with beside the base
 */
public record Prompt(List<Integer> tokens, Optional<DecoderAdapter> adapter) {

    /** Copies the list. */
    public Prompt {
        tokens = List.copyOf(tokens);
        if (tokens.isEmpty()) {
            throw new IllegalArgumentException("a prompt must have at least one token, such as the model's first");
        }
    }

    /** For the base alone. */
    public static Prompt of(List<Integer> tokens) {
        return new Prompt(tokens, Optional.empty());
    }
}
