/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One example: the tokens that a model reads, and those it is to predict.
 *
 * @param ids tokens, at least one
 * @param types as many, to which of two texts each belongs; empty if there is one text
 * @param labels of a language model as many, the token to be said after each, or, of masked ones, in its place, negative where there is
 *     nothing to say; of a classifier one, the class
 */
@SuppressWarnings("ArrayRecordComponent") // never changed; lists of boxed numbers would take many times the memory
public record TokenExample(int[] ids, int[] types, int[] labels) {

    /** How many tokens it has. */
    public int length() {
        return ids.length;
    }

    /** How many labels say something. */
    int said() {
        return (int) Arrays.stream(labels).filter(label -> label >= 0).count();
    }

    /** Of a classifier. */
    static TokenExample of(int[] ids, int[] types, int label) {
        return new TokenExample(ids, types, new int[] {label});
    }

    /** Of a language model: some tokens, of which each is followed by the next. */
    static TokenExample of(int[] text, int from, int to) {
        return new TokenExample(
                Arrays.copyOfRange(text, from, to), new int[0], Arrays.copyOfRange(text, from + 1, to + 1));
    }

    /**
     * Of a language model: a text in pieces, in which every token but the text's first is to be said once.
     *
     * @param most tokens of a piece, >= 1
     * @return none of a text that has fewer than two tokens
     */
    static List<TokenExample> pieces(int[] text, int most) {
        List<TokenExample> pieces = new ArrayList<>();
        for (int from = 0; from + 1 < text.length; from += most) {
            int to = Math.min(text.length - 1, from + most);
            pieces.add(of(text, from, to));
        }
        return pieces;
    }

    @Override
    public String toString() {
        return length() + " tokens, " + labels.length + " labels";
    }
}
