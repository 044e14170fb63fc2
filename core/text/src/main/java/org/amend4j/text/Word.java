/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.util.Arrays;

/** The tokens of a word: ids, and where each stands in it, [begin, end) in code points. Immutable. */
final class Word {

    private final int[] ids;
    private final int[] begins;
    private final int[] ends;

    private Word(int[] ids, int[] begins, int[] ends) {
        this.ids = ids;
        this.begins = begins;
        this.ends = ends;
    }

    /** A word that is one token. */
    static Word of(int id, int length) {
        return new Word(new int[] {id}, new int[] {0}, new int[] {length});
    }

    int size() {
        return ids.length;
    }

    int id(int index) {
        return ids[index];
    }

    int begin(int index) {
        return begins[index];
    }

    int end(int index) {
        return ends[index];
    }

    /** Grows. */
    static final class Builder {

        private int[] ids = new int[8];
        private int[] begins = new int[8];
        private int[] ends = new int[8];
        private int count;

        void add(int id, int begin, int end) {
            if (count == ids.length) {
                ids = Arrays.copyOf(ids, 2 * count);
                begins = Arrays.copyOf(begins, 2 * count);
                ends = Arrays.copyOf(ends, 2 * count);
            }
            ids[count] = id;
            begins[count] = begin;
            ends[count++] = end;
        }

        Word build() {
            return new Word(Arrays.copyOf(ids, count), Arrays.copyOf(begins, count), Arrays.copyOf(ends, count));
        }
    }
}
