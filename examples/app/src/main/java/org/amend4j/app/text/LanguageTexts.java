/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.amend4j.data.BadInputException;
import org.amend4j.text.Encoding;
import org.amend4j.text.Tokenizer;

/** Texts as examples of a language model: cut into pieces of a given length, in which every token is predicted from those before it. */
public final class LanguageTexts {

    private final Tokenizer tokenizer;
    private final int[] end;
    private final int length;

    /**
     * Texts for a model.
     *
     * @param tokenizer neither cuts nor fills
     * @param ends ids with any of which the model ends texts; the first one is put behind every text, if there is one
     * @param length most tokens of a piece, >= 1
     */
    public LanguageTexts(Tokenizer tokenizer, List<Integer> ends, int length) {
        this.tokenizer = tokenizer;
        this.end = ends.stream().limit(1).mapToInt(id -> id).toArray();
        this.length = length;
    }

    /** The tokens of a text, with those that begin and end texts. */
    public int[] tokens(String text) {
        int[] ids = encode(tokenizer, text).ids();
        boolean ended = end.length == 0 || (ids.length > 0 && ids[ids.length - 1] == end[0]);
        return ended
                ? ids
                : IntStream.concat(Arrays.stream(ids), Arrays.stream(end)).toArray();
    }

    /** @throws BadInputException if the tokenizer has no token for something in it */
    static Encoding encode(Tokenizer tokenizer, String text) {
        try {
            return tokenizer.encode(text);
        } catch (IllegalArgumentException bad) {
            throw new BadInputException("a text cannot be encoded: " + bad.getMessage(), bad);
        }
    }

    /** The tokens of texts, one after the other. */
    public int[] tokens(List<String> texts) {
        return texts.stream().flatMapToInt(text -> Arrays.stream(tokens(text))).toArray();
    }

    /** Texts in pieces, each from its start. */
    public TokenExamples windows(List<String> texts) {
        return new TokenExamples(texts.stream()
                .flatMap(text -> TokenExample.pieces(tokens(text), length).stream())
                .toList());
    }

    /** A long text in pieces, one after the other. */
    public TokenExamples windows(String text) {
        return new TokenExamples(TokenExample.pieces(tokens(text), length));
    }

    /** A text a line, as it stands there; those that are longer in pieces. Empty lines are passed over. */
    public TokenExamples lines(String text) {
        return TokenExamples.ofTexts(text.lines()
                .filter(line -> !line.isBlank())
                .map(line -> TokenExample.pieces(tokens(line), length))
                .toList());
    }
}
