/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.util.ArrayList;
import java.util.List;

/** Splits a text into words, of which a model makes tokens. */
sealed interface PreTokenizer {

    /** Adds the words of a text to a list; none is empty. */
    void split(AlignedText text, List<AlignedText> words);

    /** Splits at what a pattern matches. */
    record At(Matches pattern, SplitBehavior behavior) implements PreTokenizer {

        @Override
        public void split(AlignedText text, List<AlignedText> words) {
            words.addAll(behavior.split(text, pattern));
        }
    }

    /** Bytes, GPT-2's way: perhaps a blank in front, perhaps GPT-2's own words, then a visible character for every byte. */
    record Bytes(boolean prefixed, boolean split) implements PreTokenizer {

        private static final Matches GPT2 = new Matches.Expression(Oniguruma.pattern(
                "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"));

        @Override
        public void split(AlignedText text, List<AlignedText> words) {
            AlignedText whole = prefixed && !text.startsWith(' ') ? new Normalizer.Prepend(" ").normalize(text) : text;
            if (!split) {
                words.add(ByteCharacters.spelled(whole));
                return;
            }
            for (AlignedText word : SplitBehavior.ISOLATED.split(whole, GPT2)) {
                words.add(ByteCharacters.spelled(word));
            }
        }
    }

    /** SentencePiece's way: blanks become a visible character, which may be put in front. */
    record Metaspace(int replacement, Scheme scheme, boolean split) implements PreTokenizer {

        enum Scheme {
            FIRST,
            NEVER,
            ALWAYS
        }

        @Override
        public void split(AlignedText text, List<AlignedText> words) {
            AlignedText visible = new Normalizer.Mapping(c -> c == ' ' ? replacement : c).normalize(text);
            boolean wanted = scheme == Scheme.ALWAYS || (scheme == Scheme.FIRST && text.begin(0) == 0);
            if (wanted && !visible.startsWith(replacement)) {
                visible = Normalizer.Prepend.prepended(Character.toString(replacement), visible);
            }
            if (split) {
                words.addAll(
                        SplitBehavior.MERGED_WITH_NEXT.split(visible, new Matches.Characters(c -> c == replacement)));
            } else {
                words.add(visible);
            }
        }
    }

    /** One after the other. */
    record Chain(List<PreTokenizer> preTokenizers) implements PreTokenizer {

        public Chain {
            preTokenizers = List.copyOf(preTokenizers);
        }

        @Override
        public void split(AlignedText text, List<AlignedText> words) {
            List<AlignedText> current = List.of(text);
            for (PreTokenizer each : preTokenizers) {
                List<AlignedText> next = new ArrayList<>();
                current.forEach(word -> each.split(word, next));
                current = next;
            }
            words.addAll(current);
        }
    }
}
