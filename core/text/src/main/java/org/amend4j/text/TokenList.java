/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.util.Arrays;

/** Tokens on their way to an {@link Encoding}; places are in code points of the original. */
final class TokenList {

    /** No word, no text. */
    static final int NONE = -1;

    int[] ids;
    int[] types;
    String[] tokens;
    int[] begins;
    int[] ends;
    int[] words;
    int[] texts;
    boolean[] special;
    boolean[] attended;
    private int count;

    TokenList(int expected) {
        ids = new int[expected];
        types = new int[expected];
        tokens = new String[expected];
        begins = new int[expected];
        ends = new int[expected];
        words = new int[expected];
        texts = new int[expected];
        special = new boolean[expected];
        attended = new boolean[expected];
    }

    int size() {
        return count;
    }

    /** Adds a token of a text. */
    void add(int id, String token, int begin, int end, int word) {
        reserve(1);
        ids[count] = id;
        tokens[count] = token;
        begins[count] = begin;
        ends[count] = end;
        words[count] = word;
        attended[count++] = true;
    }

    /** Adds a token that is not of the text. */
    void addSpecial(int id, String token, int type, boolean isAttended) {
        add(id, token, 0, 0, NONE);
        texts[count - 1] = NONE;
        types[count - 1] = type;
        special[count - 1] = true;
        attended[count - 1] = isAttended;
    }

    void addAll(TokenList other) {
        reserve(other.count);
        System.arraycopy(other.ids, 0, ids, count, other.count);
        System.arraycopy(other.types, 0, types, count, other.count);
        System.arraycopy(other.tokens, 0, tokens, count, other.count);
        System.arraycopy(other.begins, 0, begins, count, other.count);
        System.arraycopy(other.ends, 0, ends, count, other.count);
        System.arraycopy(other.words, 0, words, count, other.count);
        System.arraycopy(other.texts, 0, texts, count, other.count);
        System.arraycopy(other.special, 0, special, count, other.count);
        System.arraycopy(other.attended, 0, attended, count, other.count);
        count += other.count;
    }

    void setType(int type) {
        Arrays.fill(types, 0, count, type);
    }

    void setText(int text) {
        Arrays.fill(texts, 0, count, text);
    }

    TokenList part(int begin, int end) {
        TokenList part = new TokenList(end - begin);
        part.ids = Arrays.copyOfRange(ids, begin, end);
        part.types = Arrays.copyOfRange(types, begin, end);
        part.tokens = Arrays.copyOfRange(tokens, begin, end);
        part.begins = Arrays.copyOfRange(begins, begin, end);
        part.ends = Arrays.copyOfRange(ends, begin, end);
        part.words = Arrays.copyOfRange(words, begin, end);
        part.texts = Arrays.copyOfRange(texts, begin, end);
        part.special = Arrays.copyOfRange(special, begin, end);
        part.attended = Arrays.copyOfRange(attended, begin, end);
        part.count = end - begin;
        return part;
    }

    private void reserve(int more) {
        if (count + more > ids.length) {
            int capacity = Math.max(2 * ids.length, count + more);
            ids = Arrays.copyOf(ids, capacity);
            types = Arrays.copyOf(types, capacity);
            tokens = Arrays.copyOf(tokens, capacity);
            begins = Arrays.copyOf(begins, capacity);
            ends = Arrays.copyOf(ends, capacity);
            words = Arrays.copyOf(words, capacity);
            texts = Arrays.copyOf(texts, capacity);
            special = Arrays.copyOf(special, capacity);
            attended = Arrays.copyOf(attended, capacity);
        }
    }
}
