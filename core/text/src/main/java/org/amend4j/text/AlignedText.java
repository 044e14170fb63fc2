/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * A text that may have been changed, with where each of its characters comes from: [begin, end) in code points of the original.
 * Immutable; parts share their arrays.
 */
final class AlignedText {

    private static final int REPLACEMENT = 0xfffd;

    private final int[] codePoints;
    private final int[] begins;
    private final int[] ends;
    private final int from;
    private final int to;

    private AlignedText(int[] codePoints, int[] begins, int[] ends, int from, int to) {
        this.codePoints = codePoints;
        this.begins = begins;
        this.ends = ends;
        this.from = from;
        this.to = to;
    }

    /** A text as it is; halves of pairs alone become U+FFFD. */
    static AlignedText of(String original) {
        int[] codePoints = new int[original.length()];
        int count = 0;
        for (int i = 0; i < original.length(); count++) {
            int c = original.codePointAt(i);
            codePoints[count] = Character.isBmpCodePoint(c) && Character.isSurrogate((char) c) ? REPLACEMENT : c;
            i += Character.charCount(c);
        }
        int[] begins = new int[count];
        int[] ends = new int[count];
        for (int i = 0; i < count; i++) {
            begins[i] = i;
            ends[i] = i + 1;
        }
        return new AlignedText(codePoints, begins, ends, 0, count);
    }

    int length() {
        return to - from;
    }

    boolean isEmpty() {
        return to == from;
    }

    int codePoint(int index) {
        return codePoints[from + index];
    }

    /** Where a character begins in the original. */
    int begin(int index) {
        return begins[from + index];
    }

    /** Where a character ends in the original. */
    int end(int index) {
        return ends[from + index];
    }

    AlignedText part(int begin, int end) {
        return new AlignedText(codePoints, begins, ends, from + begin, from + end);
    }

    boolean startsWith(int codePoint) {
        return !isEmpty() && codePoints[from] == codePoint;
    }

    /** Whether a character satisfies it. */
    boolean has(IntPredicate property) {
        for (int i = from; i < to; i++) {
            if (property.test(codePoints[i])) {
                return true;
            }
        }
        return false;
    }

    int hash() {
        int hash = 1;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + codePoints[i];
        }
        return hash;
    }

    int[] toArray() {
        return Arrays.copyOfRange(codePoints, from, to);
    }

    boolean equalTo(int[] others) {
        return Arrays.equals(codePoints, from, to, others, 0, others.length);
    }

    @Override
    public String toString() {
        return new String(codePoints, from, to - from);
    }

    /** Puts a text together from characters of another. */
    static final class Builder {

        private int[] codePoints;
        private int[] begins;
        private int[] ends;
        private int count;

        Builder(int expected) {
            codePoints = new int[expected + 8];
            begins = new int[expected + 8];
            ends = new int[expected + 8];
        }

        void add(int codePoint, int begin, int end) {
            if (count == codePoints.length) {
                codePoints = Arrays.copyOf(codePoints, 2 * count);
                begins = Arrays.copyOf(begins, 2 * count);
                ends = Arrays.copyOf(ends, 2 * count);
            }
            codePoints[count] = codePoint;
            begins[count] = begin;
            ends[count++] = end;
        }

        /** A character in the place of another. */
        void add(int codePoint, AlignedText source, int index) {
            add(codePoint, source.begin(index), source.end(index));
        }

        AlignedText build() {
            return new AlignedText(codePoints, begins, ends, 0, count);
        }
    }
}
