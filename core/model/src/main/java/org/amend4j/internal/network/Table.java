/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

/**
 * A table whose rows a layer looks up: its inputs are row indices, not quantities.
 *
 * @param words the number of its rows
 * @param ofSequences whether an example is a sequence of rows, not one
 * @param length of each sequence; 0 if the layer does not say
 * @param masked whether an example is [2, steps]: indices, and 1 where there is one
 */
public record Table(long words, boolean ofSequences, int length, boolean masked) {

    /** A row an example. */
    public static Table ofSingles(long words) {
        return new Table(words, false, 0, false);
    }

    /** A sequence an example. */
    public static Table ofSequences(long words, int length) {
        return new Table(words, true, length, false);
    }

    /** A transformer's tokens, which are masked. */
    public static Table ofTokens(long words) {
        return new Table(words, true, 0, true);
    }
}
