/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import org.amend4j.internal.text.Shown;

/** Whole words only. */
record WordLevel(Vocabulary vocabulary, String unknown) implements Model {

    @Override
    public Word tokens(AlignedText word) {
        String text = word.toString();
        int id = vocabulary.id(text);
        if (id == Vocabulary.NONE) {
            id = vocabulary.id(unknown);
        }
        if (id == Vocabulary.NONE) {
            throw new IllegalArgumentException(
                    "a text must have words of the vocabulary, which has no token for what is unknown, got "
                            + Shown.quoted(text));
        }
        return Word.of(id, word.length());
    }
}
