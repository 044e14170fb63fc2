/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.text.Normalizer.Form;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Unicode's normal forms with places: Java's have none. A character of the result stands where the next character of the text stood that
 * was not yet used up, which is how Hugging Face counts; a composed one has the place of its first part.
 */
final class NormalForm {

    private static final int CANONICAL_FIRST = 0xc0;
    private static final int COMPATIBLE_FIRST = 0xa0;
    private static final int COMPOSED_FIRST = 0x300;

    private final boolean compatible;
    private int[] characters = new int[16];
    /** 0 for a character in the place of another, 1 for one more, −n for one in the place of n + 1. */
    private int[] changes = new int[16];

    private int count;

    private NormalForm(boolean compatible) {
        this.compatible = compatible;
    }

    static AlignedText of(AlignedText text, boolean compatible, boolean composed) {
        int first = compatible ? COMPATIBLE_FIRST : composed ? COMPOSED_FIRST : CANONICAL_FIRST;
        if (!text.has(c -> c >= first)) {
            return text;
        }
        NormalForm form = new NormalForm(compatible);
        form.decompose(text);
        if (composed) {
            form.compose();
        }
        return form.placed(text);
    }

    private void decompose(AlignedText text) {
        int pending = 0; // from here on, marks may still move
        for (int i = 0; i < text.length(); i++) {
            int c = text.codePoint(i);
            int change = 0;
            String parts = decomposed(c);
            for (int at = 0; at < parts.length(); at = parts.offsetByCodePoints(at, 1)) {
                int part = parts.codePointAt(at);
                if (Unicode.combiningClass(part) == 0) {
                    sort(pending, count);
                    pending = count + 1;
                }
                add(part, change);
                change = 1;
            }
        }
        sort(pending, count);
    }

    private String decomposed(int codePoint) {
        if (codePoint < COMPATIBLE_FIRST || !Unicode.isDecomposed(codePoint)) {
            return Character.toString(codePoint);
        }
        return java.text.Normalizer.normalize(Character.toString(codePoint), compatible ? Form.NFKD : Form.NFD);
    }

    private void add(int codePoint, int change) {
        if (count == characters.length) {
            characters = Arrays.copyOf(characters, 2 * count);
            changes = Arrays.copyOf(changes, 2 * count);
        }
        characters[count] = codePoint;
        changes[count++] = change;
    }

    /** Marks by their class; what is equal stays in its order. */
    private void sort(int begin, int end) {
        if (end - begin < 2) {
            return;
        }
        Long[] keys = new Long[end - begin];
        for (int i = begin; i < end; i++) {
            keys[i - begin] = ((long) Unicode.combiningClass(characters[i]) << 32) | i;
        }
        Arrays.sort(keys);
        int[] oldCharacters = Arrays.copyOfRange(characters, begin, end);
        int[] oldChanges = Arrays.copyOfRange(changes, begin, end);
        for (int i = begin; i < end; i++) {
            int source = keys[i - begin].intValue() - begin;
            characters[i] = oldCharacters[source];
            changes[i] = oldChanges[source];
        }
    }

    private void compose() {
        int written = 0;
        int starter = -1;
        int lastClass = -1; // of the marks kept behind the starter
        for (int i = 0; i < count; i++) {
            int c = characters[i];
            int combiningClass = Unicode.combiningClass(c);
            int whole = starter < 0 || (lastClass >= combiningClass && lastClass >= 0)
                    ? -1
                    : Compositions.of(characters[starter], c);
            if (whole >= 0) {
                characters[starter] = whole;
                changes[starter] += changes[i] - 1;
                continue;
            }
            if (combiningClass == 0) {
                starter = written;
                lastClass = -1;
            } else if (starter >= 0) {
                lastClass = combiningClass;
            }
            characters[written] = c;
            changes[written++] = changes[i];
        }
        count = written;
    }

    private AlignedText placed(AlignedText text) {
        AlignedText.Builder result = new AlignedText.Builder(count);
        int next = 0;
        for (int i = 0; i < count; i++) {
            int change = changes[i];
            int place = change > 0 ? Math.max(next - 1, 0) : Math.min(next, text.length() - 1);
            result.add(characters[i], text, place);
            next += 1 - change;
        }
        return result.build();
    }

    /** Which two characters make one. */
    private static final class Compositions {

        private static final int S = 0xac00;
        private static final int L = 0x1100;
        private static final int V = 0x1161;
        private static final int T = 0x11a7;
        private static final int L_COUNT = 19;
        private static final int V_COUNT = 21;
        private static final int T_COUNT = 28;
        private static final Map<Long, Integer> PAIRS = pairs();

        private Compositions() {}

        /** The composed character, or −1. */
        static int of(int first, int second) {
            if (first >= L && first < L + L_COUNT && second >= V && second < V + V_COUNT) {
                return S + ((first - L) * V_COUNT + second - V) * T_COUNT;
            }
            if (first >= S
                    && first < S + L_COUNT * V_COUNT * T_COUNT
                    && (first - S) % T_COUNT == 0
                    && second > T
                    && second < T + T_COUNT) {
                return first + second - T;
            }
            return PAIRS.getOrDefault(key(first, second), -1);
        }

        private static long key(int first, int second) {
            return ((long) first << 32) | second;
        }

        private static Map<Long, Integer> pairs() {
            Map<Long, Integer> pairs = new HashMap<>();
            for (int c = CANONICAL_FIRST; c < 0x3100; c++) {
                addPair(c, pairs);
            }
            for (int c = 0x11000; c < 0x11600; c++) {
                addPair(c, pairs);
            }
            return pairs;
        }

        private static void addPair(int c, Map<Long, Integer> pairs) {
            String whole = Character.toString(c);
            String parts = java.text.Normalizer.normalize(whole, Form.NFD);
            if (!Unicode.isDecomposed(c)
                    || parts.equals(whole)
                    || !java.text.Normalizer.normalize(whole, Form.NFC).equals(whole)) {
                return;
            }
            int second = parts.codePointBefore(parts.length());
            String first = java.text.Normalizer.normalize(
                    parts.substring(0, parts.length() - Character.charCount(second)), Form.NFC);
            pairs.put(key(first.codePointAt(0), second), c);
        }
    }
}
