/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.amend4j.internal.validation.Checks;
import org.jspecify.annotations.Nullable;

/**
 * Makes token ids of texts and texts of token ids, as Hugging Face's library does with the same {@code tokenizer.json}
 * (docs/text.md has what is read, what is refused, and where the two differ). Immutable; threads may share it.
 */
public final class Tokenizer {

    private final Pipeline pipeline;
    private final Optional<Truncation> truncation;
    private final Optional<Padding> padding;
    private final boolean withSpecial;

    Tokenizer(Pipeline pipeline, Optional<Truncation> truncation, Optional<Padding> padding, boolean withSpecial) {
        this.pipeline = pipeline;
        this.truncation = truncation;
        this.padding = padding;
        this.withSpecial = withSpecial;
    }

    /**
     * Reads a file.
     *
     * @param path a {@code tokenizer.json}, a folder with one, or a vocabulary of llama2.c ({@code tok512.bin})
     * @throws TokenizerException if it is none, or asks for what is not done here
     * @throws IOException if the disk fails
     */
    public static Tokenizer open(Path path) throws IOException {
        return TokenizerFiles.open(path);
    }

    /**
     * Reads a {@code tokenizer.json}, to the end of the stream.
     *
     * @throws TokenizerException if it is none, or asks for what is not done here
     * @throws IOException if the stream fails
     */
    public static Tokenizer read(InputStream json) throws IOException {
        return TokenizerFiles.read("tokenizer.json", json);
    }

    /**
     * Encodes a text: cut, with special tokens and filled as the file says, or as {@code with…} changed it.
     *
     * @param text any; halves of pairs alone count as U+FFFD
     * @throws IllegalArgumentException if the vocabulary has no token for it, or the truncation has no room
     */
    public Encoding encode(String text) {
        return encodings(List.of(processed(text, null))).get(0);
    }

    /** Encodes two texts as one; places of tokens are those in their own text. */
    public Encoding encode(String first, String second) {
        return encodings(List.of(processed(first, Checks.present("second", second))))
                .get(0);
    }

    /** Encodes texts, filled to one length if there is a padding. */
    public List<Encoding> encodeAll(List<String> texts) {
        return encodings(texts.stream().map(text -> processed(text, null)).toList());
    }

    /**
     * Encodes pairs of texts, filled to one length if there is a padding.
     *
     * @param firsts the first texts
     * @param seconds as many second texts
     */
    public List<Encoding> encodeAll(List<String> firsts, List<String> seconds) {
        if (firsts.size() != seconds.size()) {
            throw new IllegalArgumentException(
                    "seconds must be as many as firsts, got " + seconds.size() + " and " + firsts.size());
        }
        List<TokenList> batch = new ArrayList<>();
        for (int i = 0; i < firsts.size(); i++) {
            batch.add(processed(firsts.get(i), seconds.get(i)));
        }
        return encodings(batch);
    }

    /** The text of ids, without special tokens. */
    public String decode(int... ids) {
        return decode(ids, true);
    }

    /**
     * The text of ids. Ids without a token are left out, as Hugging Face does: many models have more rows than their tokenizer has tokens.
     *
     * @param ids >= 0
     * @param skipSpecial whether special tokens are left out
     * @throws IllegalArgumentException if an id is negative
     */
    public String decode(int[] ids, boolean skipSpecial) {
        List<String> tokens = new ArrayList<>();
        for (int id : ids) {
            Checks.atLeast(0, "an id", id);
            if (!isToken(id)) {
                continue;
            }
            String token = token(id);
            if (!skipSpecial || !pipeline.added().isSpecial(token)) {
                tokens.add(token);
            }
        }
        return String.join("", pipeline.decoder().decode(tokens));
    }

    /** One more than the highest id: how many rows an embedding needs. */
    public int size() {
        return Math.max(pipeline.model().vocabulary().bound(), pipeline.added().bound());
    }

    /** The id of a token, if it is one. */
    public OptionalInt id(String token) {
        int id = pipeline.added().id(token);
        return id == Vocabulary.NONE ? pipeline.model().vocabulary().find(token) : OptionalInt.of(id);
    }

    /** Whether an id has a token. */
    public boolean isToken(int id) {
        return pipeline.added().content(id) != null
                || pipeline.model().vocabulary().token(id) != null;
    }

    /**
     * The token of an id.
     *
     * @throws IllegalArgumentException if the id is none
     */
    public String token(int id) {
        String content = pipeline.added().content(id);
        String token = content == null ? pipeline.model().vocabulary().token(id) : content;
        if (token == null) {
            throw new IllegalArgumentException(
                    "an id must be one of the tokenizer's in [0, " + size() + "), got " + id);
        }
        return token;
    }

    /** Whether an id is that of a special token. */
    public boolean isSpecial(int id) {
        return pipeline.added().isSpecial(token(id));
    }

    /** How what is too long is cut. */
    public Optional<Truncation> truncation() {
        return truncation;
    }

    /** How what is too short is filled. */
    public Optional<Padding> padding() {
        return padding;
    }

    /** The same tokenizer that cuts in this way. */
    public Tokenizer withTruncation(Truncation other) {
        return new Tokenizer(pipeline, Optional.of(other), padding, withSpecial);
    }

    /** The same tokenizer that does not cut. */
    public Tokenizer withoutTruncation() {
        return new Tokenizer(pipeline, Optional.empty(), padding, withSpecial);
    }

    /** The same tokenizer that fills in this way. */
    public Tokenizer withPadding(Padding other) {
        return new Tokenizer(pipeline, truncation, Optional.of(other), withSpecial);
    }

    /** The same tokenizer that does not fill. */
    public Tokenizer withoutPadding() {
        return new Tokenizer(pipeline, truncation, Optional.empty(), withSpecial);
    }

    /** The same tokenizer that adds no special tokens; those in a text are found all the same. */
    public Tokenizer withoutSpecialTokens() {
        return new Tokenizer(pipeline, truncation, padding, false);
    }

    private TokenList processed(String first, @Nullable String second) {
        List<TokenList> texts = new ArrayList<>();
        texts.add(tokens(first, 0));
        if (second != null) {
            texts.add(tokens(second, 1));
        }
        int added = withSpecial ? pipeline.postProcessor().added(second != null) : 0;
        List<TokenList> cut = truncation.isEmpty()
                ? texts
                : second == null
                        ? List.of(truncation.get().single(texts.get(0), added))
                        : truncation.get().pair(texts.get(0), texts.get(1), added);
        List<TokenList> parts = pipeline.postProcessor().process(cut, withSpecial);
        TokenList whole = new TokenList(parts.stream().mapToInt(TokenList::size).sum());
        parts.forEach(whole::addAll);
        place(whole, 0, first);
        if (second != null) {
            place(whole, 1, second);
        }
        return whole;
    }

    private TokenList tokens(String text, int number) {
        TokenList tokens = pipeline.tokens(Checks.present("text", text));
        tokens.setText(number);
        tokens.setType(number);
        return tokens;
    }

    /** From places in code points to places in Java's characters, where the two differ. */
    private static void place(TokenList tokens, int number, String text) {
        int length = text.codePointCount(0, text.length());
        if (length == text.length()) {
            return;
        }
        int[] places = new int[length + 1];
        for (int i = 0; i < length; i++) {
            places[i + 1] = text.offsetByCodePoints(places[i], 1);
        }
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.texts[i] == number) {
                tokens.begins[i] = places[tokens.begins[i]];
                tokens.ends[i] = places[tokens.ends[i]];
            }
        }
    }

    private List<Encoding> encodings(List<TokenList> batch) {
        return (padding.isEmpty() ? batch : padding.get().filled(batch))
                .stream().map(Encoding::new).toList();
    }
}
