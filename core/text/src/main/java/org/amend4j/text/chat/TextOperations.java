/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Python's methods of texts; all that they look at or make is paid for. */
final class TextOperations {

    private TextOperations() {}

    /** By code points, as Python compares. */
    static int compare(String a, String b) {
        int same = 0;
        int shorter = Math.min(a.length(), b.length());
        while (same < shorter && a.charAt(same) == b.charAt(same)) {
            same++;
        }
        if (same == shorter) {
            return Integer.compare(a.length(), b.length());
        }
        boolean x = Character.isSurrogate(a.charAt(same));
        boolean y = Character.isSurrogate(b.charAt(same));
        return x == y ? Character.compare(a.charAt(same), b.charAt(same)) : x ? 1 : -1;
    }

    /** The place in Java's characters; a search may look at each character once for each of the piece. */
    static int find(String text, String piece, int from, Budget budget) {
        int found = text.indexOf(piece, from);
        long looked = (found < 0 ? text.length() : found) - (long) from;
        budget.see((looked + 1) * Math.min(16, piece.length() + 1L));
        return found;
    }

    static Items split(String text, Optional<String> separator, int most, Budget budget) {
        List<Object> parts =
                separator.isPresent() ? bySeparator(text, separator.get(), most, budget) : bySpace(text, most, budget);
        budget.make(text.length());
        return Values.list(parts, budget);
    }

    private static List<Object> bySeparator(String text, String separator, int most, Budget budget) {
        if (separator.isEmpty()) {
            throw new ChatTemplateException("empty separator");
        }
        List<Object> parts = new ArrayList<>();
        int begin = 0;
        while (most < 0 || parts.size() < most) {
            int found = find(text, separator, begin, budget);
            if (found < 0) {
                break;
            }
            budget.make(8);
            parts.add(text.substring(begin, found));
            begin = found + separator.length();
        }
        parts.add(text.substring(begin));
        return parts;
    }

    private static List<Object> bySpace(String text, int most, Budget budget) {
        budget.see(text.length());
        List<Object> parts = new ArrayList<>();
        String rest = PythonText.strip(text, PythonText::isSpace, true, false);
        int at = text.length() - rest.length();
        while (at < text.length()) {
            if (most >= 0 && parts.size() >= most) {
                parts.add(text.substring(at));
                break;
            }
            int end = at;
            while (end < text.length() && !PythonText.isSpace(text.charAt(end))) {
                end++;
            }
            budget.make(8);
            parts.add(text.substring(at, end));
            while (end < text.length() && PythonText.isSpace(text.charAt(end))) {
                end++;
            }
            at = end;
        }
        return parts;
    }

    static String replace(String text, String old, String fresh, int most, Budget budget) {
        StringBuilder made = new StringBuilder();
        int begin = 0;
        int from = 0;
        for (int count = 0; most < 0 || count < most; count++) {
            int found = find(text, old, from, budget);
            if (found < 0) {
                break;
            }
            budget.make(found - begin + (long) fresh.length() + 1);
            made.append(text, begin, found).append(fresh);
            begin = found + old.length();
            from = begin;
            if (old.isEmpty()) {
                if (begin == text.length()) {
                    break;
                }
                from = text.offsetByCodePoints(begin, 1);
            }
        }
        return made.append(budget.made(text.substring(begin))).toString();
    }

    static String strip(String text, Optional<String> characters, boolean left, boolean right, Budget budget) {
        budget.see(text.length()
                * (1L + Math.min(16, characters.map(String::length).orElse(0))));
        return budget.made(PythonText.strip(
                text,
                c -> characters.map(all -> all.indexOf(c) >= 0).orElseGet(() -> PythonText.isSpace(c)),
                left,
                right));
    }
}
