/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.IntUnaryOperator;

/** Changes a text before it is split, and keeps where its characters come from. */
sealed interface Normalizer {

    AlignedText normalize(AlignedText text);

    /** Drops characters. */
    record Filter(IntPredicate dropped) implements Normalizer {

        @Override
        public AlignedText normalize(AlignedText text) {
            if (!text.has(dropped)) {
                return text;
            }
            AlignedText.Builder kept = new AlignedText.Builder(text.length());
            for (int i = 0; i < text.length(); i++) {
                if (!dropped.test(text.codePoint(i))) {
                    kept.add(text.codePoint(i), text, i);
                }
            }
            return kept.build();
        }
    }

    /** One character for each. */
    record Mapping(IntUnaryOperator map) implements Normalizer {

        @Override
        public AlignedText normalize(AlignedText text) {
            if (!text.has(c -> map.applyAsInt(c) != c)) {
                return text;
            }
            AlignedText.Builder mapped = new AlignedText.Builder(text.length());
            for (int i = 0; i < text.length(); i++) {
                mapped.add(map.applyAsInt(text.codePoint(i)), text, i);
            }
            return mapped.build();
        }
    }

    /** Lower case, a character at a time: no rule for a sigma at the end. */
    record Lowercase() implements Normalizer {

        private static final int DOTTED_I = 0x130;
        private static final int DOT_ABOVE = 0x307;

        @Override
        public AlignedText normalize(AlignedText text) {
            AlignedText.Builder lower = new AlignedText.Builder(text.length());
            for (int i = 0; i < text.length(); i++) {
                int c = text.codePoint(i);
                if (c == DOTTED_I) {
                    lower.add('i', text, i);
                    lower.add(DOT_ABOVE, text, i);
                } else {
                    lower.add(Unicode.lower(c), text, i);
                }
            }
            return lower.build();
        }
    }

    /** Blanks around ideographs, so that each is a word. */
    record SpacedIdeographs() implements Normalizer {

        @Override
        public AlignedText normalize(AlignedText text) {
            if (!text.has(Unicode::isChinese)) {
                return text;
            }
            AlignedText.Builder spaced = new AlignedText.Builder(text.length());
            for (int i = 0; i < text.length(); i++) {
                int c = text.codePoint(i);
                if (Unicode.isChinese(c)) {
                    spaced.add(' ', text, i);
                    spaced.add(c, text, i);
                    spaced.add(' ', text, i);
                } else {
                    spaced.add(c, text, i);
                }
            }
            return spaced.build();
        }
    }

    /** Bytes of UTF-8, each as the visible character that stands for it. */
    record Bytes() implements Normalizer {

        @Override
        public AlignedText normalize(AlignedText text) {
            return ByteCharacters.spelled(text);
        }
    }

    /** Without white space at its ends. */
    record Strip(boolean left, boolean right) implements Normalizer {

        @Override
        public AlignedText normalize(AlignedText text) {
            int begin = 0;
            int end = text.length();
            while (left && begin < end && Unicode.isSpace(text.codePoint(begin))) {
                begin++;
            }
            while (right && end > begin && Unicode.isSpace(text.codePoint(end - 1))) {
                end--;
            }
            return text.part(begin, end);
        }
    }

    /** A text in front, unless the text is empty. */
    record Prepend(String prefix) implements Normalizer {

        @Override
        public AlignedText normalize(AlignedText text) {
            return text.isEmpty() ? text : prepended(prefix, text);
        }

        /** The first character's place is that of what stands before it. */
        static AlignedText prepended(String prefix, AlignedText text) {
            AlignedText.Builder longer = new AlignedText.Builder(text.length() + prefix.length());
            prefix.codePoints().forEach(c -> longer.add(c, text, 0));
            for (int i = 0; i < text.length(); i++) {
                longer.add(text.codePoint(i), text, i);
            }
            return longer.build();
        }
    }

    /** What a pattern matches becomes a text, whose place is that of the match's last character. */
    record Replace(Matches pattern, String content) implements Normalizer {

        @Override
        public AlignedText normalize(AlignedText text) {
            List<Span> spans = pattern.spans(text);
            if (spans.stream().noneMatch(Span::matched)) {
                return text;
            }
            AlignedText.Builder replaced = new AlignedText.Builder(text.length());
            for (Span span : spans) {
                if (span.matched()) {
                    int last = Math.max(span.end() - 1, 0);
                    content.codePoints().forEach(c -> replaced.add(c, text, last));
                } else {
                    for (int i = span.begin(); i < span.end(); i++) {
                        replaced.add(text.codePoint(i), text, i);
                    }
                }
            }
            return replaced.build();
        }
    }

    /** One of Unicode's normal forms. */
    record Form(boolean compatible, boolean composed) implements Normalizer {

        @Override
        public AlignedText normalize(AlignedText text) {
            return NormalForm.of(text, compatible, composed);
        }
    }

    /** One after the other. */
    record Chain(List<Normalizer> normalizers) implements Normalizer {

        public Chain {
            normalizers = List.copyOf(normalizers);
        }

        @Override
        public AlignedText normalize(AlignedText text) {
            AlignedText normalized = text;
            for (Normalizer each : normalizers) {
                normalized = each.normalize(normalized);
            }
            return normalized;
        }
    }
}
