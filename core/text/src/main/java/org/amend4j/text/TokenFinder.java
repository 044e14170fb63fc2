/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds added tokens in a text: from the left, at each place the longest, and none within another. */
final class TokenFinder {

    /** A part of a text, and the added token that it is, if it is one. */
    record Part(AlignedText text, @Nullable AddedToken token) {}

    /** A tree of characters, as a table: (node, character) to node; the root is 0. */
    private final Map<Long, Integer> edges = new HashMap<>();

    private final List<@Nullable AddedToken> tokens = new ArrayList<>();
    private final BitSet firsts = new BitSet();

    TokenFinder() {
        tokens.add(null);
    }

    /** Adds a token by what is sought; of two that are sought alike, the first is found. */
    void add(AlignedText sought, AddedToken token) {
        int node = 0;
        for (int i = 0; i < sought.length(); i++) {
            Integer next = edges.get(edge(node, sought.codePoint(i)));
            if (next == null) {
                next = tokens.size();
                tokens.add(null);
                edges.put(edge(node, sought.codePoint(i)), next);
            }
            node = next;
        }
        if (tokens.get(node) == null) {
            tokens.set(node, token);
        }
        firsts.set(sought.codePoint(0));
    }

    /** The parts of a text in order; none is empty. */
    void split(AlignedText text, List<Part> parts) {
        int behind = 0; // what is already in parts ends here
        for (int i = 0; i < text.length(); ) {
            int end = firsts.get(text.codePoint(i)) ? longest(text, i) : 0;
            if (end == 0) {
                i++;
                continue;
            }
            AddedToken token = at(text, i, end);
            if (!token.singleWord() || isAlone(text, i, end)) {
                int begin = token.stripLeft() ? Math.max(spacesBefore(text, i), behind) : i;
                int stop = token.stripRight() ? spacesBehind(text, end) : end;
                if (behind < begin) {
                    parts.add(new Part(text.part(behind, begin), null));
                }
                parts.add(new Part(text.part(begin, stop), token));
                behind = stop;
            }
            i = end;
        }
        if (behind < text.length()) {
            parts.add(new Part(text.part(behind, text.length()), null));
        }
    }

    /** Where the longest token ends that begins here, or 0. */
    private int longest(AlignedText text, int begin) {
        int longest = 0;
        int node = 0;
        for (int i = begin; i < text.length(); i++) {
            Integer next = edges.get(edge(node, text.codePoint(i)));
            if (next == null) {
                break;
            }
            node = next;
            if (tokens.get(node) != null) {
                longest = i + 1;
            }
        }
        return longest;
    }

    private AddedToken at(AlignedText text, int begin, int end) {
        int node = 0;
        for (int i = begin; i < end; i++) {
            node = edges.getOrDefault(edge(node, text.codePoint(i)), 0);
        }
        AddedToken token = tokens.get(node);
        if (token == null) {
            throw new IllegalStateException("no token ends at " + end);
        }
        return token;
    }

    private static long edge(int node, int codePoint) {
        return ((long) node << 32) | codePoint;
    }

    private static boolean isAlone(AlignedText text, int begin, int end) {
        return (begin == 0 || !Unicode.isWord(text.codePoint(begin - 1)))
                && (end == text.length() || !Unicode.isWord(text.codePoint(end)));
    }

    private static int spacesBefore(AlignedText text, int begin) {
        int i = begin;
        while (i > 0 && Unicode.isSpace(text.codePoint(i - 1))) {
            i--;
        }
        return i;
    }

    private static int spacesBehind(AlignedText text, int end) {
        int i = end;
        while (i < text.length() && Unicode.isSpace(text.codePoint(i))) {
            i++;
        }
        return i;
    }
}
