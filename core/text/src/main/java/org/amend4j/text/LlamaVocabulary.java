/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.amend4j.internal.text.Shown;

/**
 * The vocabulary file of llama2.c: the longest length, then for every token a score, a length and bytes. Tokens of SentencePiece: two
 * neighbours become one where their text is a token, the highest score first, of equal ones the leftmost.
 */
final class LlamaVocabulary {

    private static final int UNKNOWN = 0;
    private static final int START = 1;
    private static final int END = 2;
    private static final int FIRST_BYTE = 3;
    private static final int FIRST_TEXT = FIRST_BYTE + 256;
    private static final int MOST_BYTES = 8 << 20;
    private static final int LONGEST = 128;

    private final List<String> tokens = new ArrayList<>();
    private final List<Float> scores = new ArrayList<>();
    private final Map<String, Integer> ids = new HashMap<>();

    private LlamaVocabulary() {}

    static Tokenizer read(byte[] bytes) {
        if (bytes.length > MOST_BYTES) {
            throw new IllegalArgumentException("a vocabulary of llama2.c must have at most " + MOST_BYTES + " bytes");
        }
        LlamaVocabulary vocabulary = new LlamaVocabulary();
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.getInt(); // of the longest token, which is seen anyway
        while (buffer.hasRemaining()) {
            vocabulary.readToken(buffer);
        }
        return vocabulary.tokenizer();
    }

    private void readToken(ByteBuffer buffer) {
        int id = tokens.size();
        if (buffer.remaining() < 8) {
            throw new IllegalArgumentException("token " + id + " must have a score and a length, but the file ends");
        }
        float score = buffer.getFloat();
        int length = buffer.getInt();
        if (!Float.isFinite(score) || length < 1 || length > LONGEST || length > buffer.remaining()) {
            throw new IllegalArgumentException("token " + id + " must have a finite score, and a length in [1, "
                    + Math.min(LONGEST, buffer.remaining()) + "], got " + score + " and " + length);
        }
        String token = token(id, buffer, length);
        tokens.add(token);
        scores.add(score);
        if (ids.put(token, id) != null) {
            throw new IllegalArgumentException("tokens must differ, got twice " + Shown.quoted(token));
        }
    }

    private static String token(int id, ByteBuffer buffer, int length) {
        ByteBuffer bytes = buffer.slice(buffer.position(), length);
        buffer.position(buffer.position() + length);
        try {
            String token = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
            if (id >= FIRST_BYTE && id < FIRST_TEXT && !token.equals(BytePairs.byteToken(id - FIRST_BYTE))) {
                throw new IllegalArgumentException("token " + id + " must be " + BytePairs.byteToken(id - FIRST_BYTE)
                        + ", got " + Shown.quoted(token));
            }
            return switch (id) {
                case UNKNOWN -> "<unk>";
                case START -> "<s>";
                case END -> "</s>";
                default -> token;
            };
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("token " + id + " must be UTF-8", e);
        }
    }

    private Tokenizer tokenizer() {
        if (tokens.size() < FIRST_TEXT) {
            throw new IllegalArgumentException(
                    "a vocabulary of llama2.c must have at least " + FIRST_TEXT + " tokens, got " + tokens.size());
        }
        Vocabulary vocabulary = new Vocabulary(ids);
        Normalizer normalizer = new Normalizer.Prepend(" ");
        BytePairs.Options options =
                new BytePairs.Options(Optional.of("<unk>"), Optional.empty(), Optional.empty(), true, true, false);
        PostProcessor.Template.Piece start = new PostProcessor.Template.Piece.Special(START, "<s>", 0);
        PostProcessor.Template.Piece second = new PostProcessor.Template.Piece.Special(START, "<s>", 1);
        PostProcessor.Template.Piece first = new PostProcessor.Template.Piece.Text(0, 0);
        Pipeline pipeline = new Pipeline(
                normalizer,
                new PreTokenizer.Chain(List.of()),
                new BytePairs(vocabulary, merges(), options),
                new PostProcessor.Template(
                        List.of(start, first),
                        List.of(start, first, second, new PostProcessor.Template.Piece.Text(1, 1))),
                new Decoder.Chain(
                        List.of(new Decoder.ByteFallback(), new Decoder.Fuse(), new Decoder.Strip(' ', 1, 0))),
                new AddedTokens(List.of(special(UNKNOWN), special(START), special(END)), normalizer, vocabulary));
        return new Tokenizer(pipeline, Optional.empty(), Optional.empty(), true);
    }

    private AddedToken special(int id) {
        return new AddedToken(id, tokens.get(id), false, false, false, false, true);
    }

    /** Every way in which two texts make a third; those with one score have one rank. */
    private Merges merges() {
        List<Integer> byScore = IntStream.range(FIRST_TEXT, tokens.size())
                .boxed()
                .sorted(Comparator.comparing((Integer id) -> -scores.get(id)))
                .toList();
        Merges merges = new Merges(tokens.size());
        int rank = 0;
        for (int i = 0; i < byScore.size(); i++) {
            if (i > 0 && !scores.get(byScore.get(i)).equals(scores.get(byScore.get(i - 1)))) {
                rank = i;
            }
            addMerges(byScore.get(i), rank, merges);
        }
        return merges;
    }

    private void addMerges(int id, int rank, Merges merges) {
        String token = tokens.get(id);
        for (int i = token.offsetByCodePoints(0, 1); i < token.length(); i = token.offsetByCodePoints(i, 1)) {
            int left = ids.getOrDefault(token.substring(0, i), 0);
            int right = ids.getOrDefault(token.substring(i), 0);
            if (left >= FIRST_TEXT && right >= FIRST_TEXT) {
                merges.add(left, right, rank, id);
            }
        }
    }
}
