/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.amend4j.data.BadInputException;
import org.amend4j.text.BertVocabulary;
import org.amend4j.text.BytePairTraining;
import org.amend4j.text.Tokenizer;
import org.junit.jupiter.api.Test;

/** Tokens masked as BERT's authors do it. */
class MaskingTest {

    private static final int CLS = 2;
    private static final int SEP = 3;
    private static final int MASK = 4;

    private static Tokenizer tokenizer() {
        String words = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\ncat\nrat\nsat\non\na\nmat\n";
        return BertVocabulary.read(words.getBytes(StandardCharsets.UTF_8))
                .tokenizer()
                .tokenizer();
    }

    /** Examples of 20 tokens of the numbers 100 to 999, and a special one on each side. */
    private static TokenExamples whole(int count) {
        List<TokenExample> examples = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            int[] ids = new int[22];
            int[] labels = new int[22];
            for (int at = 1; at < 21; at++) {
                ids[at] = 100 + (31 * k + 7 * at) % 900;
                labels[at] = ids[at];
            }
            ids[0] = CLS;
            ids[21] = SEP;
            labels[0] = TokenExamples.IGNORED;
            labels[21] = TokenExamples.IGNORED;
            examples.add(new TokenExample(ids, new int[0], labels));
        }
        return new TokenExamples(examples);
    }

    private static boolean same(TokenExample one, TokenExample other) {
        return Arrays.equals(one.ids(), other.ids()) && Arrays.equals(one.labels(), other.labels());
    }

    /** 3 of 20 in each; 3,000 choices of probability 0.8 have a deviation of 22, of 0.1 one of 16.5: five of them. */
    @Test
    void of_the_tokens_of_a_text_15_percent_are_said_and_most_of_them_masked() {
        TokenExamples whole = whole(1000);
        TokenExamples masked = new Masking(MASK, 1000, 7).all(whole, 1);
        int masks = 0;
        int others = 0;
        int[] at = new int[22];
        for (int k = 0; k < 1000; k++) {
            TokenExample one = masked.get(k);
            assertEquals(3, one.said());
            for (int place = 0; place < 22; place++) {
                boolean said = one.labels()[place] >= 0;
                int token = whole.get(k).ids()[place];
                assertEquals(said ? token : TokenExamples.IGNORED, one.labels()[place]);
                assertTrue(said || one.ids()[place] == token, "what is not said stays");
                masks += said && one.ids()[place] == MASK ? 1 : 0;
                others += said && one.ids()[place] != MASK && one.ids()[place] != token ? 1 : 0;
                at[place] += said ? 1 : 0;
            }
        }
        assertEquals(2400, masks, 5 * 22 + 3); // a random token in a thousand is the mask, or what stood there
        assertEquals(300, others, 5 * 16.5 + 3);
        assertEquals(0, at[0] + at[21], "special tokens are never masked");
        for (int place = 1; place < 21; place++) {
            assertEquals(150, at[place], 5 * 11.3, "at " + place);
        }
    }

    @Test
    void epochs_take_turns_of_ten_ways_that_follow_from_the_seed() {
        TokenExamples whole = whole(6);
        TokenExamples all = new Masking(MASK, 1000, 7).all(whole, 25);
        assertEquals(60, all.size());
        assertEquals(18, new Masking(MASK, 1000, 7).all(whole, 3).size());
        TokenExamples again = new Masking(MASK, 1000, 7).all(whole, 3);
        TokenExamples other = new Masking(MASK, 1000, 8).all(whole, 3);
        TokenExamples held = new Masking(MASK, 1000, 7).heldBack(whole);
        int differ = 0;
        for (int k = 0; k < 18; k++) {
            assertTrue(same(all.get(k), again.get(k)));
            differ += same(all.get(k), other.get(k)) ? 0 : 1;
        }
        assertTrue(differ > 15, "another seed makes others, " + differ);
        for (int k = 0; k < 60; k++) {
            assertFalse(same(all.get(k), held.get(k % 6)), "no way is that of what is held back");
            assertFalse(same(all.get(k), all.get((k + 6) % 60)), "the next way is another");
        }
        assertArrayEquals(IntStream.range(18, 24).toArray(), Masking.ofEpoch(whole, 25, 3));
        assertArrayEquals(IntStream.range(18, 24).toArray(), Masking.ofEpoch(whole, 25, 13));
        assertArrayEquals(IntStream.range(0, 6).toArray(), Masking.ofEpoch(whole, 3, 3), "behind the last");
    }

    /** Each by itself has the bytes that it has after all others: nothing follows from the order in which they are asked for. */
    @Test
    void examples_are_masked_when_they_are_asked_for_in_any_order() {
        TokenExamples whole = whole(50);
        Masking masking = new Masking(MASK, 1000, 7);
        TokenExamples all = masking.all(whole, 10);
        List<TokenExample> inOrder =
                IntStream.range(0, all.size()).mapToObj(all::get).toList();
        for (int k = all.size() - 1; k >= 0; k--) {
            assertTrue(same(inOrder.get(k), all.get(k)));
            assertEquals(inOrder.get(k).length(), all.length(k));
        }
        // what the version before this one drew, which kept all ways
        assertEquals(
                -1167182066,
                Arrays.deepHashCode(inOrder.stream().map(TokenExample::ids).toArray()));
        assertEquals(
                1896219468,
                Arrays.deepHashCode(inOrder.stream().map(TokenExample::labels).toArray()));
        long bytes = Allocated.by(() -> masking.all(whole, 10));
        assertTrue(bytes < 10_000, bytes + " bytes; ten ways would take " + 10 * 50 * 22 * 8);
    }

    @Test
    void one_token_at_least_is_said() {
        TokenExample short_ = new TokenExample(new int[] {CLS, 9, SEP}, new int[0], new int[] {-100, 9, -100});
        TokenExamples masked = new Masking(MASK, 12, 1).heldBack(new TokenExamples(List.of(short_)));
        assertArrayEquals(new int[] {-100, 9, -100}, masked.get(0).labels());
    }

    @Test
    void pieces_have_special_tokens_around_them_and_labels_where_a_token_can_be_masked() {
        MaskedTexts texts = new MaskedTexts(tokenizer(), 5);
        TokenExamples pieces = texts.windows("the cat sat on a [SEP] dog");
        assertArrayEquals(new int[] {CLS, 5, 6, 8, SEP}, pieces.get(0).ids());
        assertArrayEquals(new int[] {-100, 5, 6, 8, -100}, pieces.get(0).labels());
        assertArrayEquals(new int[] {CLS, 9, 10, SEP, SEP}, pieces.get(1).ids());
        assertArrayEquals(new int[] {-100, 9, 10, -100, -100}, pieces.get(1).labels());
        assertEquals(2, pieces.size(), "the last piece has nothing but what is special");
        TokenExamples lines = texts.lines("the cat\n\n  a rat sat on\r\n[SEP]\n");
        assertEquals(3, lines.size());
        assertArrayEquals(new int[] {CLS, 10, 7, 8, SEP}, lines.get(1).ids());
        assertEquals(new Masking(MASK, 12, 3), texts.masking(3));
    }

    @Test
    void what_cannot_be_masked_is_refused_in_a_sentence() {
        refused("--length must be > 2, the special tokens of a text, got 2", () -> new MaskedTexts(tokenizer(), 2));
        Tokenizer bytes =
                new BytePairTraining(256, List.of()).train(List.of("a cat")).tokenizer();
        refused("must have a token [MASK] or <mask>", () -> new MaskedTexts(bytes, 8));
        refused("there must be an example", () -> new MaskedTexts(tokenizer(), 8).windows(" [SEP] "));
    }

    private static void refused(String sentence, Runnable what) {
        BadInputException refused = assertThrows(BadInputException.class, what::run);
        assertTrue(String.valueOf(refused.getMessage()).contains(sentence), refused.toString());
    }
}
