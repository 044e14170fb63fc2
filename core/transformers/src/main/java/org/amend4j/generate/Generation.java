/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.List;

/**
 * What a prompt was continued with.
 *
 * @param tokens without those of the prompt and without the stop token
 * @param end why there are no more
 */
public record Generation(List<Integer> tokens, End end) {

    /** Why a text ended. */
    public enum End {
        /** A stop token was chosen. */
        STOP_TOKEN,
        /** The listener wanted no more, as it does where a text has what ends it. */
        LISTENER,
        /** There are as many tokens as were wanted. */
        MOST_TOKENS,
        /** The model has no more positions. */
        POSITIONS
    }

    /** Copies the list. */
    public Generation {
        tokens = List.copyOf(tokens);
    }
}
