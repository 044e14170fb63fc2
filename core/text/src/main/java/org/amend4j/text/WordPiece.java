/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import org.amend4j.internal.text.Shown;

/** BERT's model: from the left, the longest piece that is a token; a word of which a part is none is unknown as a whole. */
final class WordPiece implements Model {

    private final Vocabulary vocabulary;
    private final int unknown;
    private final String prefix;
    private final int longestWord;
    private final int longestPiece;

    /**
     * Checks the parts.
     *
     * @param prefix of pieces that are not a word's first
     * @param longestWord in code points; longer words are unknown
     * @throws IllegalArgumentException if the vocabulary lacks the token for unknown words
     */
    WordPiece(Vocabulary vocabulary, String unknown, String prefix, int longestWord) {
        this.vocabulary = vocabulary;
        this.unknown = vocabulary.id(unknown);
        if (this.unknown == Vocabulary.NONE) {
            throw new IllegalArgumentException("unk_token must be in the vocabulary, got " + Shown.quoted(unknown));
        }
        this.prefix = prefix;
        this.longestWord = longestWord;
        longestPiece = vocabulary.longestToken();
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public Word tokens(AlignedText word) {
        int length = word.length();
        if (length > longestWord) {
            return Word.of(unknown, length);
        }
        Word.Builder pieces = new Word.Builder();
        int begin = 0;
        while (begin < length) {
            int end = Math.min(length, begin + longestPiece);
            int id = Vocabulary.NONE;
            for (; end > begin && id == Vocabulary.NONE; end--) {
                String piece = word.part(begin, end).toString();
                id = vocabulary.id(begin > 0 ? prefix + piece : piece);
            }
            if (id == Vocabulary.NONE) {
                return Word.of(unknown, length);
            }
            end++; // the loop went one too far
            pieces.add(id, begin, end);
            begin = end;
        }
        return pieces.build();
    }
}
