/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

/** Makes tokens of words. */
sealed interface Model permits WordPiece, BytePairs, WordLevel {

    Vocabulary vocabulary();

    /**
     * The tokens of a word.
     *
     * @param word not empty
     * @throws IllegalArgumentException if the vocabulary has none for it, and none for what is unknown
     */
    Word tokens(AlignedText word);
}
