/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.data.BadInputException;
import org.amend4j.text.Encoding;
import org.amend4j.text.Tokenizer;

/**
 * Texts as examples of an encoder that says masked tokens: cut into pieces, each with the special tokens of a text around it. An example's
 * labels are its tokens, negative where they are special and never masked; {@link Masking} chooses among them.
 */
public final class MaskedTexts {

    /** What stands where a token is masked, in BERT's vocabularies and in RoBERTa's. */
    private static final List<String> MASKS = List.of("[MASK]", "<mask>");

    private final Tokenizer tokenizer;
    private final int mask;
    private final int length;

    /**
     * Texts for a model.
     *
     * @param tokenizer neither cuts nor fills
     * @param length most tokens of a piece, special ones included
     * @throws BadInputException if the tokenizer has no mask, or the length leaves no room for a text
     */
    public MaskedTexts(Tokenizer tokenizer, int length) {
        this.tokenizer = tokenizer;
        this.length = length;
        this.mask = MASKS.stream()
                .map(tokenizer::id)
                .flatMapToInt(OptionalInt::stream)
                .findFirst()
                .orElseThrow(() -> new BadInputException("the tokenizer must have a token " + String.join(" or ", MASKS)
                        + ": without one, nothing can be masked"));
        int special = tokenizer.encode("").size();
        if (length <= special) {
            throw new BadInputException(
                    "--length must be > " + special + ", the special tokens of a text, got " + length);
        }
    }

    /** How tokens of these texts are masked. */
    public Masking masking(long seed) {
        return new Masking(mask, tokenizer.size(), seed);
    }

    /**
     * A long text in pieces, one after the other.
     *
     * @throws BadInputException if it has no token that can be masked
     */
    public TokenExamples windows(String text) {
        return new TokenExamples(pieces(text));
    }

    /**
     * A text a line, as it stands there; those that are longer in pieces. Empty lines are passed over.
     *
     * @throws BadInputException if none has a token that can be masked
     */
    public TokenExamples lines(String text) {
        return TokenExamples.ofTexts(
                text.lines().filter(line -> !line.isBlank()).map(this::pieces).toList());
    }

    private List<TokenExample> pieces(String text) {
        Encoding encoding = LanguageTexts.encode(tokenizer, text);
        int[] ids = encoding.ids();
        int[] own = IntStream.range(0, ids.length)
                .filter(at -> encoding.text(at).isPresent())
                .toArray();
        if (own.length == 0) {
            return List.of();
        }
        int begin = own[0];
        int end = own[own.length - 1] + 1;
        int room = length - begin - (ids.length - end);
        if (room < 1) {
            throw new BadInputException(
                    "--length must be > " + (length - room) + ", the special tokens of a text, got " + length);
        }
        return IntStream.iterate(begin, from -> from < end, from -> from + room)
                .mapToObj(from -> piece(ids, begin, from, Math.min(end, from + room), end))
                .flatMap(piece -> piece.said() > 0 ? Stream.of(piece) : Stream.empty())
                .toList();
    }

    /** A part of a text between what is before all of it and what is behind. */
    private TokenExample piece(int[] ids, int begin, int from, int to, int end) {
        int[] piece = Stream.of(
                        Arrays.copyOfRange(ids, 0, begin),
                        Arrays.copyOfRange(ids, from, to),
                        Arrays.copyOfRange(ids, end, ids.length))
                .flatMapToInt(Arrays::stream)
                .toArray();
        int[] labels = new int[piece.length];
        Arrays.fill(labels, TokenExamples.IGNORED);
        for (int at = begin; at < begin + to - from; at++) {
            labels[at] = tokenizer.isSpecial(piece[at]) ? TokenExamples.IGNORED : piece[at];
        }
        return new TokenExample(piece, new int[0], labels);
    }
}
