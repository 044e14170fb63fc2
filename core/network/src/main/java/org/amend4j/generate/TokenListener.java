/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

/** Hears of tokens when they are chosen. */
@FunctionalInterface
public interface TokenListener {

    /**
     * A text got a token.
     *
     * @param prompt number of its prompt, from 0
     * @param token no stop token
     */
    void chosen(int prompt, int token);
}
