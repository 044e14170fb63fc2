/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelsTest {

    private static final String BYTES =
            "'pre_tokenizer':{'type':'ByteLevel','add_prefix_space':false,'use_regex':false}";

    @Test
    void pairs_are_merged_in_the_order_of_ranks_and_from_the_left() throws IOException {
        Tokenizer tokenizer = TestFiles.read(TestFiles.file(TestFiles.bytePairs(List.of("a a", "b c", "aa b")), BYTES));
        assertEquals(List.of("aa=aa", "a=a", "bc=bc"), TestFiles.made(tokenizer, "aaabc"));
        assertEquals(List.of("aab=aab", "b=b"), TestFiles.made(tokenizer, "aabb"));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void merging_is_what_its_definition_gives(long seed) throws IOException {
        Random random = new Random(seed);
        List<String> merges = new ArrayList<>();
        List<String> tokens = new ArrayList<>(List.of("a", "b", "c"));
        while (merges.size() < 25) {
            String left = tokens.get(random.nextInt(tokens.size()));
            String right = tokens.get(random.nextInt(tokens.size()));
            if (!tokens.contains(left + right) && left.length() + right.length() < 7) {
                merges.add(left + " " + right);
                tokens.add(left + right);
            }
        }
        Tokenizer tokenizer = TestFiles.read(TestFiles.file(TestFiles.bytePairs(merges), BYTES));
        for (int i = 0; i < 200; i++) {
            StringBuilder text = new StringBuilder();
            for (int k = random.nextInt(30); k >= 0; k--) {
                text.append((char) ('a' + random.nextInt(3)));
            }
            assertEquals(
                    byDefinition(text.toString(), merges),
                    tokenizer.encode(text.toString()).tokens());
        }
    }

    @Test
    void more_merges_may_wait_than_a_word_has_characters() throws IOException {
        List<String> merges = List.of("x a", "a y", "y x", "xa y", "y xa");
        Tokenizer tokenizer = TestFiles.read(TestFiles.file(TestFiles.bytePairs(merges), BYTES));
        assertEquals(
                byDefinition("xay".repeat(40), merges),
                tokenizer.encode("xay".repeat(40)).tokens());
    }

    @Test
    void a_table_of_merges_grows() {
        Merges merges = new Merges(1);
        for (int i = 0; i < 1_000; i++) {
            assertTrue(merges.add(i, i / 2, i, i + 1));
        }
        assertFalse(merges.add(7, 3, 7, 8));
        for (int i = 0; i < 1_000; i++) {
            assertEquals(i + 1, Merges.merged(merges.find(i, i / 2)));
        }
        assertEquals(Merges.NONE, merges.find(1_000, 500));
    }

    /** Again and again: of all pairs of neighbours the one of the lowest rank, the leftmost of these. */
    private static List<String> byDefinition(String word, List<String> merges) {
        List<String> symbols = new ArrayList<>(List.of(word.split("")));
        while (true) {
            int best = -1;
            int bestRank = merges.size();
            for (int i = 0; i + 1 < symbols.size(); i++) {
                int rank = merges.indexOf(symbols.get(i) + " " + symbols.get(i + 1));
                if (rank >= 0 && rank < bestRank) {
                    best = i;
                    bestRank = rank;
                }
            }
            if (best < 0) {
                return symbols;
            }
            symbols.set(best, symbols.get(best) + symbols.remove(best + 1));
        }
    }

    /** With a step for each pair of neighbours and merge, hours would not do. */
    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void a_word_of_a_million_characters_is_encoded_in_steps_in_proportion() throws IOException {
        Tokenizer tokenizer =
                TestFiles.read(TestFiles.file(TestFiles.bytePairs(List.of("a a", "aa aa", "aaaa aaaa")), BYTES));
        assertEquals(125_000, tokenizer.encode("a".repeat(1_000_000)).size());
    }

    @Test
    void a_token_of_a_byte_has_the_place_of_its_character() throws IOException {
        Tokenizer tokenizer = TestFiles.read(TestFiles.file(TestFiles.bytePairs(List.of()), BYTES));
        Encoding encoding = tokenizer.encode("a\u20acb");
        assertEquals(5, encoding.size());
        for (int i = 1; i < 4; i++) {
            assertEquals("\u20ac", "a\u20acb".substring(encoding.begin(i), encoding.end(i)));
        }
    }

    @Test
    void without_a_token_for_it_a_character_is_unknown_fused_or_dropped() throws IOException {
        String model = "{'type':'BPE','unk_token':'?','fuse_unk':false,'vocab':{'?':0,'a':1},'merges':[]}";
        assertEquals(
                List.of("?=x", "?=y", "a=a", "?=z"), TestFiles.made(TestFiles.read(TestFiles.file(model)), "xyaz"));
        String fusing = model.replace("false", "true");
        assertEquals(List.of("?=xy", "a=a", "?=z"), TestFiles.made(TestFiles.read(TestFiles.file(fusing)), "xyaz"));
        String dropping = model.replace("'unk_token':'?',", "");
        assertEquals(
                List.of("a"),
                TestFiles.read(TestFiles.file(dropping)).encode("xa").tokens());
        String lacking = model.replace("'unk_token':'?'", "'unk_token':'!'");
        for (String text : List.of("xa", "ax", "xya")) {
            refused(
                    "no token for what is unknown, got 'x'",
                    () -> TestFiles.read(TestFiles.file(lacking)).encode(text));
        }
    }

    @Test
    void a_whole_token_needs_no_merges_if_the_file_says_so() throws IOException {
        String model = "{'type':'BPE','ignore_merges':true,'vocab':{'a':0,'b':1,'ab':2},'merges':[]}";
        assertEquals(
                List.of("ab"),
                TestFiles.read(TestFiles.file(model)).encode("ab").tokens());
        assertEquals(
                List.of("a", "b", "a"),
                TestFiles.read(TestFiles.file(model)).encode("aba").tokens());
    }

    @Test
    void words_of_no_vocabulary_are_unknown() throws IOException {
        Tokenizer tokenizer =
                TestFiles.read(TestFiles.file(TestFiles.WORDS, "'pre_tokenizer':{'type':'WhitespaceSplit'}"));
        assertEquals(List.of("a=a", "[UNK]=d"), TestFiles.made(tokenizer, "a d"));
        Tokenizer strict =
                TestFiles.read(TestFiles.file(TestFiles.WORDS.replace("'unk_token':'[UNK]'", "'unk_token':'?'")));
        refused("words of the vocabulary", () -> strict.encode("d"));
    }

    @Test
    void a_dropout_of_0_is_none() throws IOException {
        for (String dropout : List.of("0", "0.0", "null")) {
            String model = "{'type':'BPE','dropout':" + dropout + ",'vocab':{'a':0,'b':1,'ab':2},'merges':['a b']}";
            assertEquals(
                    List.of("ab"),
                    TestFiles.read(TestFiles.file(model)).encode("ab").tokens());
        }
    }

    @Test
    void a_piece_has_a_character() throws IOException {
        String model = "{'type':'WordPiece','unk_token':'?','continuing_subword_prefix':'##',"
                + "'max_input_chars_per_word':9,'vocab':{'?':0,'##':1,'un':2,'':3,'##b':4}}";
        Tokenizer tokenizer = TestFiles.read(TestFiles.file(model));
        assertEquals(List.of("?"), tokenizer.encode("unx").tokens());
        assertEquals(List.of("?"), tokenizer.encode("x").tokens());
        assertEquals(List.of("##"), tokenizer.encode("##").tokens());
        assertEquals(List.of("un", "##b"), tokenizer.encode("unb").tokens());
    }

    @Test
    void a_model_without_its_type_is_known_by_its_parts() throws IOException {
        String pairs = "{'type':'BPE','vocab':{'a':0,'b':1,'ab':2},'merges':['a b']}";
        for (String model : List.of(TestFiles.WORDS, TestFiles.PIECES, pairs)) {
            String untyped = model.replaceFirst("'type':'[A-Za-z]+',", "");
            assertEquals(
                    TestFiles.read(TestFiles.file(model)).encode("ab").tokens(),
                    TestFiles.read(TestFiles.file(untyped)).encode("ab").tokens());
        }
        refused(
                TokenizerException.class,
                "the type 'Unigram'",
                () -> TestFiles.read(TestFiles.file("{'unk_id':0,'vocab':[['a',-1]]}")));
    }

    @Test
    void what_is_learned_is_the_most_frequent_pair_each_time() {
        TrainedTokenizer trained =
                new BytePairTraining(260, List.of("<end>")).train(List.of("abab abab", "ab cd cd", "abe"));
        Tokenizer tokenizer = trained.tokenizer();
        // "ab" 6 times, then of what is there twice the pair of the lowest ids
        assertEquals("ab", tokenizer.token(257));
        assertEquals(260, tokenizer.size());
        assertEquals("<end>", tokenizer.token(0));
        assertEquals("abab cd", tokenizer.decode(tokenizer.encode("abab cd").ids()));
    }

    @Test
    void special_tokens_of_training_are_found_whole_and_left_out_of_decoded_texts() {
        Tokenizer tokenizer = new BytePairTraining(270, List.of("<s>", "<>"))
                .train(List.of("a<s>b", "a<s>b"))
                .tokenizer();
        Encoding encoding = tokenizer.encode("ab<s><>b");
        assertEquals(List.of("a", "b", "<s>", "<>", "b"), encoding.tokens());
        assertEquals(List.of(0, 1), List.of(encoding.ids()[2], encoding.ids()[3]));
        assertTrue(tokenizer.isSpecial(1));
        assertEquals("abb", tokenizer.decode(encoding.ids()));
        assertEquals("ab<s><>b", tokenizer.decode(encoding.ids(), false));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void learning_is_what_its_definition_gives(long seed) {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 400; i++) {
            text.append(random.nextInt(5) == 0 ? ' ' : (char) ('a' + random.nextInt(3)));
        }
        int least = 1 + (int) (seed % 3);
        TrainedTokenizer trained = new BytePairTraining(340, List.of("<s>"), least).train(List.of(text.toString()));
        List<String> learned = learnedByDefinition(text.toString(), 340 - 257, least);
        List<String> tokens = IntStream.range(257, trained.tokenizer().size())
                .mapToObj(trained.tokenizer()::token)
                .toList();
        assertEquals(learned, tokens);
    }

    /** Counts all pairs anew each time. */
    private static List<String> learnedByDefinition(String text, int size, int least) {
        List<List<String>> words = new ArrayList<>();
        List<AlignedText> split = new ArrayList<>();
        new PreTokenizer.Bytes(false, true).split(AlignedText.of(text), split);
        split.forEach(word -> words.add(new ArrayList<>(List.of(word.toString().split("")))));
        List<String> learned = new ArrayList<>(List.of("a", "b", "c", "\u0120")); // in the order of their ids
        while (learned.size() < size + 4) {
            Map<List<Integer>, Integer> counts = new HashMap<>();
            for (List<String> word : words) {
                for (int i = 0; i + 1 < word.size(); i++) {
                    counts.merge(
                            List.of(learned.indexOf(word.get(i)), learned.indexOf(word.get(i + 1))), 1, Integer::sum);
                }
            }
            Map.Entry<List<Integer>, Integer> best = counts.entrySet().stream()
                    .min(Comparator.comparing((Map.Entry<List<Integer>, Integer> each) -> -each.getValue())
                            .thenComparing(each -> each.getKey().get(0))
                            .thenComparing(each -> each.getKey().get(1)))
                    .orElse(null);
            if (best == null || best.getValue() < least) {
                break;
            }
            String left = learned.get(best.getKey().get(0));
            String right = learned.get(best.getKey().get(1));
            for (List<String> word : words) {
                for (int i = 0; i + 1 < word.size(); i++) {
                    if (word.get(i).equals(left) && word.get(i + 1).equals(right)) {
                        word.set(i, left + word.remove(i + 1));
                    }
                }
            }
            if (!learned.contains(left + right)) {
                learned.add(left + right);
            }
        }
        return learned.subList(4, learned.size());
    }

    @Test
    void the_same_texts_give_the_same_file() throws IOException {
        List<String> texts = new ArrayList<>();
        Random random = new Random(3);
        for (int i = 0; i < 300; i++) {
            texts.add(random.ints(40, 'a', 'f')
                            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    + " " + random.nextInt(100));
        }
        BytePairTraining training = new BytePairTraining(400, List.of("<s>"), 2);
        String file = training.train(texts).json();
        texts.sort(Comparator.reverseOrder());
        assertEquals(file, training.train(texts).json());
        Tokenizer tokenizer = training.train(texts).tokenizer();
        for (String text : texts) {
            assertEquals(text, tokenizer.decode(tokenizer.encode(text).ids()));
        }
    }

    @Test
    void training_refuses_what_it_cannot_do() {
        refused("size must be in [257,", () -> new BytePairTraining(256, List.of("<s>")));
        refused("two characters", () -> new BytePairTraining(300, List.of("s")));
        refused("twice", () -> new BytePairTraining(300, List.of("<s>", "<s>")));
        refused("leastCount", () -> new BytePairTraining(300, List.of(), 0));
    }
}
