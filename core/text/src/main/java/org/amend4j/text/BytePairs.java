/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.amend4j.internal.text.Shown;

/** Byte pair encoding: the characters of a word, merged as learned. */
final class BytePairs implements Model {

    /** How it is to be done, besides tokens and merges. */
    record Options(
            Optional<String> unknown,
            Optional<String> prefix,
            Optional<String> suffix,
            boolean fuseUnknown,
            boolean byteFallback,
            boolean ignoreMerges) {

        public Options {
            if (byteFallback && (prefix.isPresent() || suffix.isPresent())) {
                throw new IllegalArgumentException(
                        "byte_fallback must be without continuing_subword_prefix and end_of_word_suffix");
            }
        }
    }

    private static final int TABLE = 1 << 16;

    private final Vocabulary vocabulary;
    private final Merges merges;
    private final Options options;
    private final int[] byteIds = new int[256];
    private final int[] characterIds = new int[TABLE];

    BytePairs(Vocabulary vocabulary, Merges merges, Options options) {
        this.vocabulary = vocabulary;
        this.merges = merges;
        this.options = options;
        for (int b = 0; b < byteIds.length; b++) {
            byteIds[b] = options.byteFallback ? vocabulary.id(byteToken(b)) : Vocabulary.NONE;
        }
        Arrays.fill(characterIds, Vocabulary.NONE);
        for (int id = 0; id < vocabulary.bound(); id++) {
            String token = vocabulary.token(id);
            if (token != null && token.length() == 1) {
                characterIds[token.charAt(0)] = id;
            }
        }
    }

    /** The name of a byte's token. */
    static String byteToken(int oneByte) {
        return String.format(Locale.ROOT, "<0x%02X>", oneByte);
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public Word tokens(AlignedText word) {
        if (options.ignoreMerges) {
            OptionalInt whole = vocabulary.find(word.toString());
            if (whole.isPresent()) {
                return Word.of(whole.getAsInt(), word.length());
            }
        }
        Symbols symbols = symbols(word);
        symbols.merge(merges);
        return inCharacters(symbols.word(), word);
    }

    /** Lengths are in bytes, since a byte may be a token. */
    private Symbols symbols(AlignedText word) {
        int length = word.length();
        Symbols symbols = new Symbols(options.byteFallback ? 4 * length + 1 : length + 1);
        int unknownBytes = 0;
        for (int i = 0; i < length; i++) {
            int id = id(word, i);
            if (id != Vocabulary.NONE) {
                if (unknownBytes > 0) {
                    symbols.add(unknownId(word, i - 1), unknownBytes);
                    unknownBytes = 0;
                }
                symbols.add(id, bytes(word.codePoint(i)));
            } else if (!addBytes(word.codePoint(i), symbols) && options.unknown.isPresent()) {
                if (unknownBytes > 0 && !options.fuseUnknown) {
                    symbols.add(unknownId(word, i - 1), unknownBytes);
                    unknownBytes = 0;
                }
                unknownBytes += bytes(word.codePoint(i));
            } // what has no token at all is dropped, as Hugging Face does
        }
        if (unknownBytes > 0) {
            symbols.add(unknownId(word, length - 1), unknownBytes);
        }
        return symbols;
    }

    private int id(AlignedText word, int index) {
        int c = word.codePoint(index);
        if (options.prefix.isEmpty() && options.suffix.isEmpty()) {
            return c < TABLE ? characterIds[c] : vocabulary.id(Character.toString(c));
        }
        return vocabulary.id((index > 0 ? options.prefix.orElse("") : "")
                + Character.toString(c)
                + (index == word.length() - 1 ? options.suffix.orElse("") : ""));
    }

    private boolean addBytes(int codePoint, Symbols symbols) {
        byte[] bytes = Character.toString(codePoint).getBytes(StandardCharsets.UTF_8);
        for (byte each : bytes) {
            if (byteIds[each & 0xff] == Vocabulary.NONE) {
                return false;
            }
        }
        for (byte each : bytes) {
            symbols.add(byteIds[each & 0xff], 1);
        }
        return true;
    }

    private int unknownId(AlignedText word, int index) {
        int id = vocabulary.id(options.unknown.orElseThrow());
        if (id == Vocabulary.NONE) {
            throw new IllegalArgumentException(
                    "a text must have characters of the vocabulary, which has no token for what is unknown, got "
                            + Shown.quoted(Character.toString(word.codePoint(index))));
        }
        return id;
    }

    private static int bytes(int codePoint) {
        return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
    }

    /** From places in bytes to places in characters; a token of a byte has the place of the whole character. */
    private static Word inCharacters(Word tokens, AlignedText word) {
        if (!word.has(c -> c >= 0x80)) {
            return tokens;
        }
        Word.Builder inCharacters = new Word.Builder();
        int character = 0;
        int behind = bytes(word.codePoint(0)); // the byte behind the character
        for (int i = 0; i < tokens.size(); i++) {
            while (tokens.begin(i) >= behind) {
                behind += bytes(word.codePoint(++character));
            }
            int begin = character;
            while (tokens.end(i) > behind) {
                behind += bytes(word.codePoint(++character));
            }
            inCharacters.add(tokens.id(i), begin, character + 1);
        }
        return inCharacters.build();
    }
}
