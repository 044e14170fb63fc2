/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer.Form;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.amend4j.testkit.Exhaustive;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ComponentsTest {

    private static String normalized(Normalizer normalizer, String text) {
        return normalizer.normalize(AlignedText.of(text)).toString();
    }

    private static List<String> words(PreTokenizer preTokenizer, String text) {
        List<AlignedText> words = new ArrayList<>();
        preTokenizer.split(AlignedText.of(text), words);
        return words.stream().map(AlignedText::toString).toList();
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void normal_forms_are_those_of_java_for_characters_of_unicode_9(Form form) {
        Normalizer ours =
                new Normalizer.Form(form == Form.NFKC || form == Form.NFKD, form == Form.NFC || form == Form.NFKC);
        Random random = new Random(5);
        for (int i = 0; i < 3_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int k = random.nextInt(12); k >= 0; k--) {
                text.appendCodePoint(
                        switch (random.nextInt(4)) {
                            case 0 -> 0x300 + random.nextInt(0x40);
                            case 1 -> 0x1100 + random.nextInt(0xff);
                            case 2 -> 0xac00 + random.nextInt(11_172);
                            default -> 0x20 + random.nextInt(0x2f0);
                        });
            }
            assertEquals(
                    java.text.Normalizer.normalize(text, form), normalized(ours, text.toString()), text.toString());
        }
    }

    /** At the ends of what has a formula. */
    @ParameterizedTest
    @EnumSource(Form.class)
    void syllables_of_hangul_are_made_of_their_letters_alone(Form form) {
        Normalizer ours =
                new Normalizer.Form(form == Form.NFKC || form == Form.NFKD, form == Form.NFC || form == Form.NFKC);
        for (char first : "\u10ff\u1100\u1112\u1113\uac00\uac01\uac1b\uac1c\ud788\ud7a3\ud7a4".toCharArray()) {
            for (char second : "\u1160\u1161\u1175\u1176\u11a7\u11a8\u11c2\u11c3".toCharArray()) {
                for (char third : "a\u11a7\u11a8\u11c2\u11c3\u0301".toCharArray()) {
                    String text = "" + first + second + third;
                    assertEquals(java.text.Normalizer.normalize(text, form), normalized(ours, text), text);
                }
            }
        }
    }

    @Test
    void a_composed_character_has_the_place_of_its_first_part() {
        AlignedText composed = new Normalizer.Form(false, true).normalize(AlignedText.of("ae\u0301b"));
        assertEquals("a\u00e9b", composed.toString());
        assertEquals(1, composed.begin(1));
        assertEquals(2, composed.end(1));
        assertEquals(3, composed.begin(2));
    }

    @Test
    void lower_case_has_no_final_sigma_and_knows_later_letters() {
        assertEquals("i\u0307\u03c3\ud801\udd97", normalized(new Normalizer.Lowercase(), "\u0130\u03a3\ud801\udd70"));
    }

    @Test
    void normalizers_do_what_their_names_say() {
        assertEquals("a \u4e2d b", normalized(new Normalizer.SpacedIdeographs(), "a\u4e2db"));
        assertEquals("a b", normalized(new Normalizer.Strip(true, true), "\u3000 a b\n"));
        assertEquals("a b\n", normalized(new Normalizer.Strip(true, false), " a b\n"));
        assertEquals("", normalized(new Normalizer.Prepend("x"), ""));
        assertEquals("xa", normalized(new Normalizer.Prepend("x"), "a"));
        assertEquals("a--b--", normalized(new Normalizer.Replace(new Matches.Literal("xy"), "--"), "axybxy"));
        for (String each : List.of("a*, _b_c_", "a|, _b__c_", "(?=a), b_a_ac", "c*|a, _b_a_a_")) {
            String[] parts = each.split(", ", -1);
            Matches matches = new Matches.Expression(Oniguruma.pattern(parts[0]));
            assertEquals(parts[1], normalized(new Normalizer.Replace(matches, "_"), "baac"));
        }
        assertEquals("\u010a\u00c3\u00a9", normalized(new Normalizer.Bytes(), "\n\u00e9"));
    }

    @Test
    void bert_makes_blanks_of_white_space_and_drops_controls() throws IOException {
        Normalizer bert = NormalizerReader.normalizer(
                Optional.of(PeerSetup.MAPPER.readTree("{\"type\":\"BertNormalizer\",\"clean_text\":true,"
                        + "\"handle_chinese_chars\":false,\"strip_accents\":false,\"lowercase\":false}")));
        assertEquals("a b c d e", normalized(bert, "a\tb\nc\rd\u3000e"));
        assertEquals("abcde", normalized(bert, "a\u0000b\u007fc\u001fd\ufffd\u200be\u000b\f"));
    }

    @Test
    void delimiters_go_where_the_behavior_says() {
        Matches minus = new Matches.Characters(c -> c == '-');
        String text = "the-final--countdown";
        assertEquals(
                List.of("the", "final", "countdown"), words(new PreTokenizer.At(minus, SplitBehavior.REMOVED), text));
        assertEquals(
                List.of("the", "-", "final", "-", "-", "countdown"),
                words(new PreTokenizer.At(minus, SplitBehavior.ISOLATED), text));
        assertEquals(
                List.of("the-", "final-", "-", "countdown"),
                words(new PreTokenizer.At(minus, SplitBehavior.MERGED_WITH_PREVIOUS), text));
        assertEquals(
                List.of("the", "-final", "-", "-countdown"),
                words(new PreTokenizer.At(minus, SplitBehavior.MERGED_WITH_NEXT), text));
        assertEquals(
                List.of("the", "-", "final", "--", "countdown"),
                words(new PreTokenizer.At(minus, SplitBehavior.CONTIGUOUS), text));
    }

    @Test
    void metaspace_puts_its_character_in_front_where_its_scheme_says() {
        assertEquals(
                List.of("_a", "_b"),
                words(new PreTokenizer.Metaspace('_', PreTokenizer.Metaspace.Scheme.ALWAYS, true), "a b"));
        assertEquals(
                List.of("a_b"),
                words(new PreTokenizer.Metaspace('_', PreTokenizer.Metaspace.Scheme.NEVER, false), "a b"));
    }

    /** Files of older versions name no scheme, or no behavior. */
    @Test
    void what_a_file_leaves_out_is_as_hugging_face_has_it() throws IOException {
        assertEquals(List.of("_a", "_b"), read("{'type':'Metaspace','replacement':'_'}", "a b"));
        assertEquals(
                List.of("_a", "_b"), read("{'type':'Metaspace','replacement':'_','add_prefix_space':true}", "a b"));
        assertEquals(
                List.of("a", "_b"),
                read("{'type':'Metaspace','replacement':'_','add_prefix_space':false,'str_rep':'_'}", "a b"));
        assertEquals(
                List.of("a", "_b"),
                read(
                        "{'type':'Metaspace','replacement':'_','add_prefix_space':false,'prepend_scheme':'never'}",
                        "a b"));
        assertEquals(List.of("a", ",", ",", "b"), read("{'type':'Punctuation'}", "a,,b"));
        assertEquals(
                List.of("a", "\u0120b"),
                read("{'type':'ByteLevel','add_prefix_space':false,'trim_offsets':true}", "a b"));
    }

    private static List<String> read(String preTokenizer, String text) throws IOException {
        return words(
                PreTokenizerReader.preTokenizer(
                        Optional.of(PeerSetup.MAPPER.readTree(preTokenizer.replace('\'', '"')))),
                text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(",
                ")",
                "[a",
                "a**",
                "a{2}{3}",
                "(a+)+",
                "((a+)b)+",
                "^*",
                "a{1000}",
                "\\x{zz}",
                "[",
                "(?:a{1,}b)*",
                "(?:a|b+)*",
                "(?<name>a)",
                "\\b",
                "\\K",
                "\\x",
                "\\\u0080",
                "\\1",
                "[[:alpha:]]",
                "[a&&b]",
                "[\\W]",
                "\\p{Unknown}",
                "\\p",
                "\\",
                "*a",
                "{",
                "(?m)a",
                "\\u12",
                "\\x{110000}",
                "[]",
                "(?#a)",
                "a{,3}",
                "\\h",
                "x{2}+",
                "[a-",
                "[^",
                "[]a]",
                "(?i",
                "\\x4",
                "\\xzz",
                "\\u12zz",
                "\\x{d800}",
                "\\x{dfff}",
                "\\x{41",
                "\\pL}",
                "\\pxL}",
                "\\p{L",
                "a{2",
                "a(?i){2}",
                "(?:(?:(?:){999}){999})",
                "(?:a?){2}",
                "(?:a{0}){2}",
                "(?:(?=a)){2}"
            })
    void expressions_that_are_not_understood_are_refused(String expression) {
        refused("an expression must", () -> Oniguruma.pattern(expression));
    }

    @Test
    void an_expression_has_whole_groups_and_at_most_4096_characters() {
        assertTrue(
                Oniguruma.pattern("a".repeat(4_096)).matcher("a".repeat(4_096)).matches());
        refused("at most 4096", () -> Oniguruma.pattern("a".repeat(4_097)));
        refused("a group that is not opened", () -> Oniguruma.pattern("a)(b"));
        refused("a group that is not closed", () -> Oniguruma.pattern("(a"));
        refused("must have no (?<n that", () -> Oniguruma.pattern("(?<name>a)"));
        refused("must have no (?m that", () -> Oniguruma.pattern("(?m"));
    }

    @Test
    void an_expression_matches_nothing_in_at_most_16_ways_with_at_most_100_parts() {
        assertEquals(15, Oniguruma.pattern("|".repeat(15)).pattern().length());
        refused("more than 16 ways to match nothing", () -> Oniguruma.pattern("|".repeat(16)));
        for (String place : List.of("^", "$")) {
            assertEquals(100, Oniguruma.pattern(place.repeat(100)).pattern().length());
            refused("more than 100 parts that can be empty", () -> Oniguruma.pattern(place.repeat(101)));
        }
    }

    /** Java would try 2^40 ways, and its memory of failures does not help in any of these forms. */
    @ParameterizedTest
    @ValueSource(strings = {"(?:a|a){40}b", "(?:a|a)*?b", "(?:a|aa)+?b"})
    void an_expression_that_tries_all_ways_is_stopped(String expression) {
        Matches matches = new Matches.Expression(Oniguruma.pattern(expression));
        AlignedText text = AlignedText.of("a".repeat(60));
        refused("short enough", () -> matches.spans(text));
    }

    /**
     * What reads nothing counts nothing: every expression of a few signs, many times one after the other and within one another, is refused
     * or found out within the looks that a text allows.
     */
    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void an_expression_that_matches_nothing_in_many_ways_is_refused() {
        List<String> signs = List.of("a", "|", "(?:", ")", "?", "*", "{9}", "(?=", "(?!", "$");
        List<String> fragments = List.of("");
        int read = 0;
        for (int length = 1; length <= Exhaustive.times(4, 5); length++) {
            fragments = fragments.stream()
                    .flatMap(fragment -> signs.stream().map(sign -> fragment + sign))
                    .toList();
            for (String fragment : fragments) {
                for (String expression : List.of(
                        ("(?:" + fragment + ")").repeat(60) + "b",
                        "(?:".repeat(9) + fragment + "){999}".repeat(9),
                        "(?:".repeat(60) + fragment + ")?".repeat(60) + "b")) {
                    read += tried(expression) ? 1 : 0;
                }
            }
        }
        assertTrue(read > 200, "only " + read + " were understood");
    }

    private static boolean tried(String expression) {
        try {
            new Matches.Expression(Oniguruma.pattern(expression)).spans(AlignedText.of("aa"));
            return true;
        } catch (IllegalArgumentException refused) {
            return refused.getMessage().contains("short enough");
        }
    }

    @Test
    void a_text_too_long_for_an_expression_is_refused_in_one_sentence() {
        Matches recursive = new Matches.Expression(Oniguruma.pattern("(?:a|bc)+"));
        assertEquals(1, recursive.spans(AlignedText.of("abca")).size());
        refused("short enough", () -> recursive.spans(AlignedText.of("abc".repeat(1_000_000))));
    }

    @Test
    void expressions_mean_what_oniguruma_means() {
        assertTrue(Oniguruma.pattern("\\w+").matcher("a\u00bd_\u0301").matches());
        assertTrue(Oniguruma.pattern("(?i:'s)").matcher("'\u017f").matches());
        assertTrue(Oniguruma.pattern("[^\\r\\n\\p{L}-]").matcher("\u00b7").matches());
        assertTrue(Oniguruma.pattern(".").matcher("\r").matches());
        assertTrue(Oniguruma.pattern("[#-&]").matcher("$").matches());
        assertTrue(
                Oniguruma.pattern("\\p{^L}\\P{N}\\x41\\u0042").matcher("1aAB").matches());
    }

    /** Letters, marks, signs and digits of Unicode 14 to 16; the library of {@code peer/README.md} has them so. */
    @ParameterizedTest
    @CsvSource({
        "\\p{Lo}, 870 105c0",
        "\\p{Mn}, 897 10efc",
        "\\p{Mc}, cf3 11f03 1734 1171e",
        "\\p{M}, 897 10efc cf3 11f03",
        "\\p{Nd}, 1ccf0",
        "\\p{Lm}, 8c9 a7f2 10780 1aff0 16fe3",
        "\\p{Lu}, a7c0 1c89 10570",
        "\\p{Ll}, a7c1 1c8a 10597",
        "\\p{Sc}, 20c0",
        "\\p{Sm}, 10d8e",
        "\\p{Sk}, 888",
        "\\p{So}, 1cc00 2427",
        "\\p{Pd}, 2e5d 10d6e",
        "\\p{Ps}, 2e55",
        "\\p{Pe}, 2e56",
        "\\p{Po}, 61d 10f86",
        "\\p{Latin}, a7c1 1df00 10780 a7f2",
        "\\p{Cyrillic}, 1e030 1c89 1e08f",
        "\\p{Katakana}, 1b120 1aff0",
        "\\p{Hiragana}, 1b11f",
        "\\p{Arabic}, 870 897 10efc 10ec2 fd40",
        "\\p{Han}, 9ffd 31350 16fe3",
        "\\w, 870 105c0 897 10efc cf3 11f03 1ccf0 a7c0 a7f2",
        "[\\u0600-\\uffff], 870 897 cf3 a7c1 2e5d",
        "[\\x{10000}-\\x{10ffff}], 105c0 11f03 1ccf0 31350 10d6e"
    })
    void a_character_that_java_does_not_know_is_of_its_category_script_and_plane(String expression, String characters) {
        for (String hexadecimal : characters.split(" ", -1)) {
            AlignedText text = AlignedText.of("a" + Character.toString(Integer.parseInt(hexadecimal, 16)) + " ");
            assertEquals(
                    List.of(new Span(0, 1, false), new Span(1, 2, true), new Span(2, 3, false)),
                    new Matches.Expression(Oniguruma.pattern("(?!a)" + expression)).spans(text),
                    hexadecimal);
        }
    }

    @Test
    void a_union_of_ranges_has_their_characters_alone() {
        List<int[]> ranges = new ArrayList<>();
        new CodePoints(7, 9, 20, 20).addTo(ranges);
        new CodePoints(3, 4, 12, 15).addTo(ranges);
        CodePoints union = CodePoints.union(ranges);
        assertEquals(
                List.of(3, 4, 7, 8, 9, 12, 13, 14, 15, 20),
                IntStream.range(0, 30).filter(union::contains).boxed().toList());
    }

    @Test
    void decoders_do_what_their_names_say() {
        assertEquals(List.of("a", "b", " c."), new Decoder.WordPieces("##", true).decode(List.of("a", "##b", "c .")));
        assertEquals(List.of("\u20aca"), new Decoder.Bytes().decode(List.of("\u00e2\u0124", "\u00aca")));
        assertEquals(
                List.of("x", "\u20ac", "y"),
                new Decoder.ByteFallback().decode(List.of("x", "<0xE2>", "<0x82>", "<0xAC>", "y")));
        assertEquals(List.of("\ufffd", "\ufffd"), new Decoder.ByteFallback().decode(List.of("<0xE2>", "<0x82>")));
        assertEquals(List.of("a", " b"), new Decoder.Metaspace('_', true).decode(List.of("_a", "_b")));
        assertEquals(List.of("a b"), new Decoder.Fuse().decode(List.of("a", " b")));
        assertEquals(List.of(" a", ""), new Decoder.Strip(' ', 1, 1).decode(List.of("  a ", " ")));
        assertEquals(List.of("a ", "b"), new Decoder.WordEnds("</w>").decode(List.of("a</w>", "b</w>")));
        assertEquals(List.of("a b"), new Decoder.Blanks().decode(List.of("a", "b")));
    }

    @Test
    void whole_utf_8_is_decoded_as_java_does_and_the_rest_byte_by_byte() {
        for (String text : List.of("a\u00e9\u20ac\ud83d\ude00", "", "\u0800\uffff\udbff\udfff")) {
            assertEquals(text, LossyUtf8.decode(text.getBytes(StandardCharsets.UTF_8)));
        }
        assertEquals("\ufffda", LossyUtf8.decode(new byte[] {(byte) 0xf0, (byte) 0x90, (byte) 0x80, 'a'}));
        assertEquals("\ufffd\ufffd\ufffd", LossyUtf8.decode(new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0x80}));
        assertEquals("\ufffd\ufffd", LossyUtf8.decode(new byte[] {(byte) 0xc0, (byte) 0x80}));
    }
}
