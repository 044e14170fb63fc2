/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/** A text, or two, as numbers: for every token its id, its type, and where it stands. Immutable. */
public final class Encoding {

    private final int[] ids;
    private final int[] types;
    private final List<String> tokens;
    private final int[] begins;
    private final int[] ends;
    private final int[] words;
    private final int[] texts;
    private final boolean[] special;
    private final boolean[] attended;

    Encoding(TokenList list) {
        TokenList own = list.part(0, list.size());
        ids = own.ids;
        types = own.types;
        tokens = List.of(own.tokens);
        begins = own.begins;
        ends = own.ends;
        words = own.words;
        texts = own.texts;
        special = own.special;
        attended = own.attended;
    }

    /** How many tokens, with special ones and padding. */
    public int size() {
        return ids.length;
    }

    /** The rows of the embedding; a copy. */
    public int[] ids() {
        return ids.clone();
    }

    /** Which text a token is of, by the file's rules: in most files 0 for the first, 1 for the second; a copy. */
    public int[] typeIds() {
        return types.clone();
    }

    /** 1 for a token, 0 for padding; a copy. */
    public int[] attentionMask() {
        return ones(attended);
    }

    /** 1 for special tokens and padding, 0 for tokens of a text; a copy. */
    public int[] specialTokensMask() {
        return ones(special);
    }

    /** As the vocabulary spells them. */
    public List<String> tokens() {
        return tokens;
    }

    /** Where a token begins in its text, in Java's characters; 0 for special tokens and padding. */
    public int begin(int index) {
        return begins[index];
    }

    /** Where a token ends in its text: {@code text.substring(begin(i), end(i))} is what it was made of. */
    public int end(int index) {
        return ends[index];
    }

    /** Which word of its text a token is of, counted from 0; none for special tokens and padding. */
    public OptionalInt word(int index) {
        return words[index] == TokenList.NONE ? OptionalInt.empty() : OptionalInt.of(words[index]);
    }

    /** Which text a token is of, 0 or 1; none for special tokens and padding. */
    public OptionalInt text(int index) {
        return texts[index] == TokenList.NONE ? OptionalInt.empty() : OptionalInt.of(texts[index]);
    }

    /** Whether all of it is equal. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Encoding that
                && Arrays.equals(ids, that.ids)
                && Arrays.equals(types, that.types)
                && tokens.equals(that.tokens)
                && Arrays.equals(begins, that.begins)
                && Arrays.equals(ends, that.ends)
                && Arrays.equals(words, that.words)
                && Arrays.equals(texts, that.texts)
                && Arrays.equals(special, that.special)
                && Arrays.equals(attended, that.attended);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(ids);
    }

    @Override
    public String toString() {
        return "Encoding" + tokens;
    }

    private static int[] ones(boolean[] flags) {
        int[] ones = new int[flags.length];
        for (int i = 0; i < ones.length; i++) {
            ones[i] = flags[i] ? 1 : 0;
        }
        return ones;
    }
}
