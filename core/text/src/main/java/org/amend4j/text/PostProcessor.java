/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.util.ArrayList;
import java.util.List;

/** What happens to the tokens of one or two texts before they are put together. */
sealed interface PostProcessor {

    /** How many special tokens it adds. */
    int added(boolean pair);

    /** The lists, one a text, that take the place of these. */
    List<TokenList> process(List<TokenList> texts, boolean withSpecial);

    /** Takes blanks at the ends of tokens out of their places. */
    record TrimOffsets(boolean prefixed) implements PostProcessor {

        @Override
        public int added(boolean pair) {
            return 0;
        }

        @Override
        public List<TokenList> process(List<TokenList> texts, boolean withSpecial) {
            for (TokenList tokens : texts) {
                for (int i = 0; i < tokens.size(); i++) {
                    trim(tokens, i);
                }
            }
            return texts;
        }

        private void trim(TokenList tokens, int i) {
            String token = tokens.tokens[i];
            int leading = leadingBlanks(token);
            int trailing = leadingBlanks(new StringBuilder(token).reverse().toString());
            if (leading > 0) {
                boolean ours = (i == 0 || tokens.begins[i] == 0) && prefixed && leading == 1;
                tokens.begins[i] = Math.min(tokens.begins[i] + (ours ? 0 : leading), tokens.ends[i]);
            }
            if (trailing > 0 && tokens.ends[i] >= trailing) {
                tokens.ends[i] = Math.max(tokens.ends[i] - trailing, tokens.begins[i]);
            }
        }

        private static int leadingBlanks(String token) {
            int count = 0;
            while (count < token.length()
                    && (token.charAt(count) == ByteCharacters.SPACE || Unicode.isSpace(token.charAt(count)))) {
                count++;
            }
            return count;
        }
    }

    /** Texts and special tokens in a fixed order. */
    record Template(List<Piece> single, List<Piece> pair) implements PostProcessor {

        /** A place in the order. */
        sealed interface Piece {

            int type();

            /** The first or second text. */
            record Text(int index, int type) implements Piece {}

            /** A special token. */
            record Special(int id, String token, int type) implements Piece {}
        }

        public Template {
            single = List.copyOf(single);
            pair = List.copyOf(pair);
            if (single.stream().anyMatch(piece -> piece instanceof Piece.Text text && text.index() > 0)) {
                throw new IllegalArgumentException("a template for one text must not have the second");
            }
        }

        @Override
        public int added(boolean isPair) {
            return (int) (isPair ? pair : single)
                    .stream().filter(Piece.Special.class::isInstance).count();
        }

        @Override
        public List<TokenList> process(List<TokenList> texts, boolean withSpecial) {
            List<TokenList> ordered = new ArrayList<>();
            for (Piece piece : texts.size() > 1 ? pair : single) {
                if (piece instanceof Piece.Text text) {
                    TokenList tokens = texts.get(text.index());
                    TokenList copy = tokens.part(0, tokens.size()); // a template may have it twice
                    copy.setType(text.type());
                    ordered.add(copy);
                } else if (withSpecial && piece instanceof Piece.Special special) {
                    TokenList one = new TokenList(1);
                    one.addSpecial(special.id(), special.token(), special.type(), true);
                    ordered.add(one);
                }
            }
            return ordered;
        }
    }

    /** One after the other; only one of them may be a template. */
    record Chain(List<PostProcessor> processors) implements PostProcessor {

        public Chain {
            processors = List.copyOf(processors);
        }

        @Override
        public int added(boolean pair) {
            return processors.stream().mapToInt(each -> each.added(pair)).sum();
        }

        @Override
        public List<TokenList> process(List<TokenList> texts, boolean withSpecial) {
            List<TokenList> processed = texts;
            for (PostProcessor each : processors) {
                processed = each.process(processed, withSpecial);
            }
            return processed;
        }

        /** How many templates are in it, at any depth. */
        int templates() {
            return processors.stream()
                    .mapToInt(
                            each -> each instanceof Chain chain ? chain.templates() : each instanceof Template ? 1 : 0)
                    .sum();
        }
    }
}
