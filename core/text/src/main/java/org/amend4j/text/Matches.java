/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amend4j.internal.text.Shown;

/** Finds where a text is matched; the spans cover it in order. */
sealed interface Matches {

    List<Span> spans(AlignedText text);

    /** Every character of a kind by itself. */
    record Characters(IntPredicate kind) implements Matches {

        @Override
        public List<Span> spans(AlignedText text) {
            List<Span> spans = new ArrayList<>();
            int last = 0;
            for (int i = 0; i < text.length(); i++) {
                if (kind.test(text.codePoint(i))) {
                    if (last < i) {
                        spans.add(new Span(last, i, false));
                    }
                    spans.add(new Span(i, i + 1, true));
                    last = i + 1;
                }
            }
            if (last < text.length()) {
                spans.add(new Span(last, text.length(), false));
            }
            return spans;
        }
    }

    /** Words, and what is neither word nor space, each as long as it goes. */
    record Words() implements Matches {

        @Override
        public List<Span> spans(AlignedText text) {
            List<Span> spans = new ArrayList<>();
            int begin = 0;
            for (int i = 1; i <= text.length(); i++) {
                if (i == text.length() || kind(text, i) != kind(text, begin)) {
                    spans.add(new Span(begin, i, kind(text, begin) != 0));
                    begin = i;
                }
            }
            return spans;
        }

        private static int kind(AlignedText text, int index) {
            int c = text.codePoint(index);
            return Unicode.isWord(c) ? 1 : Unicode.isSpace(c) ? 0 : 2;
        }
    }

    /** A text itself, as often as it stands there. */
    final class Literal implements Matches {

        private final int[] sought;

        /**
         * Takes a text.
         *
         * @param text not empty
         */
        Literal(String text) {
            sought = text.codePoints().toArray();
        }

        @Override
        public List<Span> spans(AlignedText text) {
            List<Span> spans = new ArrayList<>();
            int last = 0;
            for (int i = 0; i + sought.length <= text.length(); ) {
                if (standsAt(text, i)) {
                    if (last < i) {
                        spans.add(new Span(last, i, false));
                    }
                    spans.add(new Span(i, i + sought.length, true));
                    i += sought.length;
                    last = i;
                } else {
                    i++;
                }
            }
            if (last < text.length()) {
                spans.add(new Span(last, text.length(), false));
            }
            return spans;
        }

        private boolean standsAt(AlignedText text, int index) {
            for (int k = 0; k < sought.length; k++) {
                if (text.codePoint(index + k) != sought[k]) {
                    return false;
                }
            }
            return true;
        }
    }

    /** A regular expression. */
    record Expression(Pattern pattern) implements Matches {

        @Override
        public List<Span> spans(AlignedText text) {
            try {
                return found(text);
            } catch (StackOverflowError | CountedText.ExhaustedException e) {
                // Java recurs for repeated groups, and tries all ways; the text is a user's, the expression a
                // stranger's
                throw new IllegalArgumentException(
                        "a text must be short enough for the tokenizer's expression " + Shown.quoted(pattern.pattern())
                                + ", got " + text.length() + " characters",
                        e);
            }
        }

        private List<Span> found(AlignedText text) {
            StringBuilder characters = new StringBuilder(text.length() + 8);
            for (int i = 0; i < text.length(); i++) {
                characters.appendCodePoint(LaterCharacters.replaced(text.codePoint(i)));
            }
            Places places = new Places(characters, characters.length() == text.length());
            List<Span> spans = new ArrayList<>();
            Matcher matcher = pattern.matcher(new CountedText(characters));
            int last = 0;
            boolean found = false;
            while (matcher.find()) {
                if (isWithinPair(characters, matcher.start())) {
                    continue; // Java looks for nothing there, too
                }
                int begin = places.of(matcher.start());
                int end = places.of(matcher.end());
                if (begin == end && found && begin == last) {
                    continue; // nothing, right behind a match
                }
                if (last < begin) {
                    spans.add(new Span(last, begin, false));
                }
                spans.add(new Span(begin, end, true));
                last = end;
                found = true;
            }
            if (last < text.length()) {
                spans.add(new Span(last, text.length(), false));
            }
            return spans;
        }

        private static boolean isWithinPair(CharSequence characters, int index) {
            return index > 0
                    && index < characters.length()
                    && Character.isSurrogatePair(characters.charAt(index - 1), characters.charAt(index));
        }
    }

    /** What a pattern does not match. */
    record Inverted(Matches matches) implements Matches {

        @Override
        public List<Span> spans(AlignedText text) {
            return matches.spans(text).stream()
                    .map(span -> new Span(span.begin(), span.end(), !span.matched()))
                    .toList();
        }
    }

    /** From places in Java's text, which only grow, to places in code points. */
    final class Places {

        private final CharSequence characters;
        private final boolean same;
        private int place;
        private int codePoints;

        Places(CharSequence characters, boolean same) {
            this.characters = characters;
            this.same = same;
        }

        int of(int next) {
            if (same) {
                return next;
            }
            codePoints += Character.codePointCount(characters, place, next);
            place = next;
            return codePoints;
        }
    }
}
