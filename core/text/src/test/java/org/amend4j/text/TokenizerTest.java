/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.amend4j.testkit.Exhaustive;
import org.junit.jupiter.api.Test;

class TokenizerTest {

    private static Tokenizer bert() throws IOException {
        return TestFiles.read(TestFiles.file(TestFiles.PIECES, TestFiles.BERT));
    }

    @Test
    void pieces_are_the_longest_from_the_left_and_know_their_places() throws IOException {
        assertEquals(
                List.of("[CLS]=", "un=Un", "##aff=aff", "##able=\u00e1ble", "!=!", "[SEP]="),
                TestFiles.made(bert(), "Unaff\u00e1ble!"));
    }

    @Test
    void a_word_of_which_a_part_is_no_piece_is_unknown_as_a_whole() throws IOException {
        assertEquals(List.of("[CLS]=", "[UNK]=unx", "aff=aff", "[SEP]="), TestFiles.made(bert(), "unx aff"));
    }

    @Test
    void a_longer_word_than_allowed_is_unknown() throws IOException {
        assertEquals(List.of("[CLS]=", "[UNK]=unaaaaaaaaa", "[SEP]="), TestFiles.made(bert(), "unaaaaaaaaa"));
    }

    @Test
    void places_are_in_characters_of_java() throws IOException {
        assertEquals(
                List.of("[CLS]=", "[UNK]=\ud83d\ude00", "!=!", "un=un", "[SEP]="),
                TestFiles.made(bert(), "\ud83d\ude00!un"));
    }

    @Test
    void two_texts_have_two_types_and_their_own_places() throws IOException {
        Encoding pair = bert().encode("aff", "un un");
        assertEquals(List.of("[CLS]", "aff", "[SEP]", "un", "un", "[SEP]"), pair.tokens());
        assertArrayEquals(new int[] {0, 0, 0, 1, 1, 1}, pair.typeIds());
        assertArrayEquals(new int[] {1, 0, 1, 0, 0, 1}, pair.specialTokensMask());
        assertEquals(3, pair.begin(4));
        assertEquals(OptionalInt.of(1), pair.text(4));
        assertEquals(OptionalInt.of(1), pair.word(4));
        assertEquals(OptionalInt.empty(), pair.word(5));
        assertEquals(OptionalInt.empty(), pair.text(5));
    }

    @Test
    void encodings_are_equal_if_all_of_them_is() throws IOException {
        Encoding un = bert().encode("un");
        assertEquals(un, bert().encode("un"));
        assertEquals(un.hashCode(), bert().encode("un").hashCode());
        assertNotEquals(un.hashCode(), bert().encode("aff").hashCode());
        assertEquals("Encoding[[CLS], un, [SEP]]", un.toString());
        for (Encoding other : List.of(bert().encode("aff"), bert().encode(" un"), bert().encode("un", ""))) {
            assertNotEquals(un, other);
        }
    }

    @Test
    void a_tokenizer_says_how_it_cuts_and_fills() throws IOException {
        Truncation four = new Truncation(4);
        Padding padding = new Padding(0, "[PAD]");
        Tokenizer both = bert().withTruncation(four).withPadding(padding);
        assertEquals(Optional.of(four), both.truncation());
        assertEquals(Optional.of(padding), both.padding());
        assertEquals(5, both.withoutTruncation().encode("un un un").size());
        assertEquals(
                3,
                both.withoutPadding().encodeAll(List.of("un", "un un")).get(0).size());
        assertEquals(Optional.empty(), both.withoutTruncation().truncation());
        assertEquals(Optional.empty(), both.withoutPadding().padding());
        refused(
                "seconds must be as many as firsts, got 1 and 2",
                () -> both.encodeAll(List.of("un", "un"), List.of("un")));
    }

    @Test
    void what_is_too_long_is_cut_with_its_special_tokens() throws IOException {
        Tokenizer four = bert().withTruncation(new Truncation(4));
        assertEquals(
                List.of("[CLS]", "un", "un", "[SEP]"), four.encode("un un aff").tokens());
        Tokenizer left = bert().withTruncation(new Truncation(4, Truncation.Strategy.LONGEST_FIRST, Side.LEFT));
        assertEquals(
                List.of("[CLS]", "un", "aff", "[SEP]"), left.encode("un un aff").tokens());
        refused(
                "leave room for the 2 special tokens",
                () -> bert().withTruncation(new Truncation(1)).encode("un"));
        refused(
                "must have two texts",
                () -> bert().withTruncation(new Truncation(3, Truncation.Strategy.ONLY_SECOND, Side.RIGHT))
                        .encode("un un un"));
    }

    /** As in the files of Llama 3, of which the template is one of two processors. */
    @Test
    void special_tokens_of_a_template_in_a_sequence_have_their_room() throws IOException {
        String processor = "'post_processor':{'type':'Sequence','processors':["
                + "{'type':'ByteLevel','add_prefix_space':true,'trim_offsets':false,'use_regex':true},"
                + "{'type':'BertProcessing','sep':['[SEP]',3],'cls':['[CLS]',2]}]}";
        Tokenizer tokenizer = TestFiles.read(
                TestFiles.file(TestFiles.PIECES, "'pre_tokenizer':{'type':'WhitespaceSplit'}", processor));
        Tokenizer four = tokenizer.withTruncation(new Truncation(4));
        assertEquals(
                List.of("[CLS]", "un", "un", "[SEP]"), four.encode("un un aff").tokens());
        Tokenizer five = tokenizer.withTruncation(new Truncation(5));
        assertEquals(
                List.of("[CLS]", "un", "[SEP]", "aff", "[SEP]"),
                five.encode("un un aff", "aff un").tokens());
        assertEquals(
                List.of("un", "un", "aff", "aff"),
                four.withoutSpecialTokens().encode("un un aff aff un").tokens());
    }

    @Test
    void a_batch_is_filled_to_its_longest() throws IOException {
        Tokenizer filling = bert().withPadding(new Padding(0, "[PAD]"));
        List<Encoding> batch = filling.encodeAll(List.of("un", "un aff !"));
        assertEquals(
                List.of("[CLS]", "un", "[SEP]", "[PAD]", "[PAD]"), batch.get(0).tokens());
        assertArrayEquals(new int[] {1, 1, 1, 0, 0}, batch.get(0).attentionMask());
        assertEquals(5, batch.get(1).size());
        Padding left = new Padding(OptionalInt.of(3), 4, Side.LEFT, 0, 1, "[PAD]");
        assertEquals(
                List.of("[PAD]", "[CLS]", "un", "[SEP]"),
                bert().withPadding(left).encode("un").tokens());
    }

    @Test
    void a_decoded_text_is_without_special_tokens() throws IOException {
        Encoding encoding = bert().encode("unaffable !");
        assertEquals("unaffable!", bert().decode(encoding.ids()));
        assertEquals("[CLS] unaffable! [SEP]", bert().decode(encoding.ids(), false));
        refused("an id must be one of the tokenizer's in [0, 10), got 10", () -> bert().token(10));
        refused("an id must be >= 0, got -1", () -> bert().decode(-1));
    }

    @Test
    void special_tokens_can_be_left_out() throws IOException {
        assertEquals(List.of("un"), bert().withoutSpecialTokens().encode("un").tokens());
    }

    @Test
    void tokens_and_ids_belong_together() throws IOException {
        Tokenizer tokenizer = bert();
        IntStream.range(0, tokenizer.size())
                .forEach(id -> assertEquals(OptionalInt.of(id), tokenizer.id(tokenizer.token(id))));
        assertEquals(OptionalInt.empty(), tokenizer.id("none"));
    }

    @Test
    void halves_of_pairs_count_as_replacement_characters() throws IOException {
        Tokenizer bytes = TestFiles.read(TestFiles.file(
                TestFiles.bytePairs(List.of()),
                "'pre_tokenizer':{'type':'ByteLevel','add_prefix_space':false,'use_regex':true}",
                "'decoder':{'type':'ByteLevel'}"));
        assertArrayEquals(
                bytes.encode("a\ufffdb").ids(), bytes.encode("a\ud800b").ids());
        assertEquals("a\ufffdb", bytes.decode(bytes.encode("a\ud800b").ids()));
        assertEquals(2, bytes.encode("a\ud800b").end(1));
    }

    @Test
    void threads_share_a_tokenizer() throws IOException {
        Tokenizer tokenizer = bert();
        List<String> texts = IntStream.range(0, Exhaustive.times(4_000, 40_000))
                .mapToObj(i -> "un".repeat(i % 7) + "aff unaff! " + Integer.toString(i, 36))
                .toList();
        List<Encoding> parallel = texts.parallelStream().map(tokenizer::encode).toList();
        assertEquals(tokenizer.encodeAll(texts), parallel);
    }

    /** As in tokenizers 0.21.4; in 0.23.3 chance decides. */
    @Test
    void of_added_tokens_that_are_sought_alike_a_special_one_is_found_and_else_the_first() throws IOException {
        String plain = TestFiles.special(4, "<m>")
                .replace("'normalized':false", "'normalized':true")
                .replace("'special':true", "'special':false");
        String other = plain.replace("4", "5").replace("<m>", "<M>");
        for (String second : List.of(other, other.replace("'special':false", "'special':true"))) {
            Tokenizer tokenizer = TestFiles.read(TestFiles.file(
                    TestFiles.WORDS,
                    "'normalizer':{'type':'Lowercase'}",
                    "'added_tokens':[" + plain + "," + second + "]"));
            assertArrayEquals(
                    new int[] {second.equals(other) ? 4 : 5},
                    tokenizer.encode("<m>").ids());
        }
    }

    @Test
    void added_tokens_are_found_first_and_take_white_space_if_they_say_so() throws IOException {
        Tokenizer tokenizer = TestFiles.read(TestFiles.file(
                TestFiles.WORDS,
                "'added_tokens':[{'id':4,'content':'<m>','single_word':false,'lstrip':true,'rstrip':true,'normalized':false,"
                        + "'special':false},{'id':5,'content':'a<m>','single_word':true,'lstrip':false,'rstrip':false,"
                        + "'normalized':false,'special':true}]",
                "'pre_tokenizer':{'type':'WhitespaceSplit'}"));
        assertEquals(List.of("b=b", " <m> = <m> ", "c=c"), TestFiles.made(tokenizer, "b <m> c"));
        assertEquals(List.of("b=b", "a<m>=a<m>"), TestFiles.made(tokenizer, "b a<m>"));
        assertEquals(List.of("[UNK]=ba<m>b"), TestFiles.made(tokenizer, "ba<m>b"));
        assertTrue(tokenizer.isSpecial(5));
        assertFalse(tokenizer.isSpecial(4));
        assertEquals(6, tokenizer.size());
    }
}
