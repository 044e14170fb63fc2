/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

/** Hears of tokens when they are chosen, and can end texts. */
@FunctionalInterface
public interface TokenListener {

    /** Lets all texts go on. */
    TokenListener NONE = (prompt, token) -> true;

    /**
     * A text got a token.
     *
     * @param prompt number of its prompt, from 0
     * @param token no stop token
     * @return whether the text goes on; the token is part of it either way
     */
    boolean chosen(int prompt, int token);
}
