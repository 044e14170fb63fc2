/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import org.jspecify.annotations.Nullable;

/**
 * Words of which the tokens are known: most words of a text come again. A fixed number of places; a new word takes the place of another.
 * Threads may share it: what they find is whole or not there.
 */
final class WordCache {

    private static final class Entry {

        private final int[] codePoints;
        private final Word tokens;

        Entry(int[] codePoints, Word tokens) {
            this.codePoints = codePoints;
            this.tokens = tokens;
        }
    }

    private static final int PLACES = 1 << 14;
    /** In code points; bounds the memory. */
    private static final int LONGEST = 64;

    private final Model model;
    private final @Nullable Entry[] entries = new Entry[PLACES];

    WordCache(Model model) {
        this.model = model;
    }

    Word tokens(AlignedText word) {
        if (word.length() > LONGEST) {
            return model.tokens(word);
        }
        int hash = word.hash() * 0x9e3779b9;
        int place = hash >>> 18;
        Entry entry = entries[place];
        if (entry != null && word.equalTo(entry.codePoints)) {
            return entry.tokens;
        }
        Word tokens = model.tokens(word);
        entries[place] = new Entry(word.toArray(), tokens);
        return tokens;
    }
}
