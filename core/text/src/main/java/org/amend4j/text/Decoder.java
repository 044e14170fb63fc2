/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Makes texts of tokens, which are put together in the end. */
sealed interface Decoder {

    List<String> decode(List<String> tokens);

    /** Pieces to words with a blank between, perhaps with fewer blanks around punctuation. */
    record WordPieces(String prefix, boolean cleanup) implements Decoder {

        @Override
        public List<String> decode(List<String> tokens) {
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < tokens.size(); i++) {
                String token = tokens.get(i);
                String text =
                        i == 0 ? token : token.startsWith(prefix) ? token.substring(prefix.length()) : " " + token;
                texts.add(cleanup ? cleaned(text) : text);
            }
            return texts;
        }

        private static String cleaned(String text) {
            return text.replace(" .", ".")
                    .replace(" ?", "?")
                    .replace(" !", "!")
                    .replace(" ,", ",")
                    .replace(" ' ", "'")
                    .replace(" n't", "n't")
                    .replace(" 'm", "'m")
                    .replace(" do not", " don't")
                    .replace(" 's", "'s")
                    .replace(" 've", "'ve")
                    .replace(" 're", "'re");
        }
    }

    /** Visible characters back to the bytes they stand for. */
    record Bytes() implements Decoder {

        @Override
        public List<String> decode(List<String> tokens) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (String token : tokens) {
                if (token.codePoints().allMatch(c -> ByteCharacters.oneByte(c) >= 0)) {
                    token.codePoints().forEach(c -> bytes.write(ByteCharacters.oneByte(c)));
                } else {
                    bytes.writeBytes(token.getBytes(StandardCharsets.UTF_8));
                }
            }
            return List.of(LossyUtf8.decode(bytes.toByteArray()));
        }
    }

    /** SentencePiece's visible blank back to a blank; one in front was added. */
    record Metaspace(int replacement, boolean prepended) implements Decoder {

        @Override
        public List<String> decode(List<String> tokens) {
            String blank = Character.toString(replacement);
            List<String> texts = new ArrayList<>();
            for (String token : tokens) {
                texts.add(token.replace(blank, texts.isEmpty() && prepended ? "" : " "));
            }
            return texts;
        }
    }

    /** Tokens of bytes back to characters; U+FFFD for each byte of what is no UTF-8. */
    record ByteFallback() implements Decoder {

        /** With a plus, too, as Rust reads numbers. */
        private static final Pattern BYTE = Pattern.compile("<0x[+0-9a-fA-F][0-9a-fA-F]>");

        @Override
        public List<String> decode(List<String> tokens) {
            List<String> texts = new ArrayList<>();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            for (String token : tokens) {
                int oneByte = oneByte(token);
                if (oneByte >= 0) {
                    bytes.write(oneByte);
                } else {
                    flush(bytes, texts);
                    texts.add(token);
                }
            }
            flush(bytes, texts);
            return texts;
        }

        /** What stands for a byte, or −1. */
        private static int oneByte(String token) {
            return BYTE.matcher(token).matches() ? Integer.parseInt(token, 3, 5, 16) : -1;
        }

        private static void flush(ByteArrayOutputStream bytes, List<String> texts) {
            if (bytes.size() == 0) {
                return;
            }
            try {
                texts.add(StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(bytes.toByteArray()))
                        .toString());
            } catch (CharacterCodingException e) {
                for (int i = 0; i < bytes.size(); i++) {
                    texts.add("\ufffd");
                }
            }
            bytes.reset();
        }
    }

    /** All in one. */
    record Fuse() implements Decoder {

        @Override
        public List<String> decode(List<String> tokens) {
            return List.of(String.join("", tokens));
        }
    }

    /** What a pattern matches in a token becomes another text. */
    record Replace(Matches pattern, String content) implements Decoder {

        @Override
        public List<String> decode(List<String> tokens) {
            return tokens.stream().map(this::replaced).toList();
        }

        private String replaced(String token) {
            AlignedText text = AlignedText.of(token);
            StringBuilder replaced = new StringBuilder();
            for (Span span : pattern.spans(text)) {
                replaced.append(
                        span.matched()
                                ? content
                                : text.part(span.begin(), span.end()).toString());
            }
            return replaced.toString();
        }
    }

    /** At most so many of a character at the ends of each token. */
    record Strip(int content, int start, int stop) implements Decoder {

        @Override
        public List<String> decode(List<String> tokens) {
            return tokens.stream().map(this::stripped).toList();
        }

        private String stripped(String token) {
            int[] characters = token.codePoints().toArray();
            int begin = 0;
            while (begin < Math.min(start, characters.length) && characters[begin] == content) {
                begin++;
            }
            int end = characters.length;
            while (end > begin && characters.length - end < stop && characters[end - 1] == content) {
                end--;
            }
            return new String(characters, begin, end - begin);
        }
    }

    /** What ends a word becomes a blank, but behind the last. */
    record WordEnds(String suffix) implements Decoder {

        @Override
        public List<String> decode(List<String> tokens) {
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < tokens.size(); i++) {
                texts.add(tokens.get(i).replace(suffix, i == tokens.size() - 1 ? "" : " "));
            }
            return texts;
        }
    }

    /** Tokens as they are with a blank between: what is done without a decoder. */
    record Blanks() implements Decoder {

        @Override
        public List<String> decode(List<String> tokens) {
            return List.of(String.join(" ", tokens));
        }
    }

    /** One after the other. */
    record Chain(List<Decoder> decoders) implements Decoder {

        public Chain {
            decoders = List.copyOf(decoders);
        }

        @Override
        public List<String> decode(List<String> tokens) {
            List<String> decoded = tokens;
            for (Decoder each : decoders) {
                decoded = each.decode(decoded);
            }
            return decoded;
        }
    }
}
