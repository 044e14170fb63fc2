/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.OneIn;
import org.amend4j.text.Tokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a {@code tokenizer.json} means is what Hugging Face's library makes of it: ids, types, masks, words, places, texts. A sample of the
 * Brown corpus; with {@code -Damend4j.brown=FILE} another file of sentences in its place.
 */
class TokenizerAgreementTest {

    private static final List<String> BROWN = brown();
    private static final SmallTokenizers SMALL = new SmallTokenizers(BROWN.subList(0, 600));
    private static final Map<String, String> FILES = files();

    @Test
    void minilm_makes_of_the_corpus_what_hugging_face_makes_of_it() throws IOException {
        String json = SmallTokenizers.with(SmallTokenizers.with(minilm(), "truncation", "null"), "padding", "null");
        agree(json, BROWN);
        agree(json, HostileTexts.of(1, 4_000));
    }

    @Test
    void minilm_cuts_and_fills_as_its_file_says() throws IOException {
        List<String> texts = new ArrayList<>(BROWN.subList(0, 50));
        texts.addAll(HostileTexts.of(2, 200));
        agree(minilm(), texts);
    }

    static Stream<String> families() {
        return FILES.keySet().stream();
    }

    @OneIn(8)
    @ParameterizedTest
    @MethodSource("families")
    void every_family_agrees_on_the_corpus_and_on_hostile_texts(String family) throws IOException {
        String json = Objects.requireNonNull(FILES.get(family));
        agree(json, BROWN.subList(0, 150));
        agree(json, HostileTexts.of(family.length(), 400));
    }

    @ParameterizedTest
    @MethodSource("families")
    @OneIn(2)
    void every_family_agrees_on_pairs(String family) throws IOException {
        String json = Objects.requireNonNull(FILES.get(family));
        List<String> texts = HostileTexts.of(7, 60);
        Tokenizer ours = read(json);
        try (RustTokenizer theirs = new RustTokenizer(json)) {
            for (int i = 0; i + 1 < texts.size(); i++) {
                String first = HostileTexts.whole(texts.get(i));
                String second = HostileTexts.whole(texts.get(i + 1));
                assertEquals(theirs.lines(first, second), RustTokenizer.lines(ours.encode(first, second)));
            }
        }
    }

    static Stream<String> cuts() {
        return Stream.of("LongestFirst", "OnlyFirst", "OnlySecond")
                .flatMap(strategy -> Stream.of("Left", "Right")
                        .flatMap(side -> Stream.of(4, 7, 8, 25)
                                .map(length -> "{'direction':'" + side + "','max_length':" + length + ",'strategy':'"
                                        + strategy + "','stride':0}")));
    }

    @ParameterizedTest
    @MethodSource("cuts")
    @OneIn(5)
    void what_is_cut_is_cut_alike(String truncation) throws IOException {
        String json = SmallTokenizers.with(SmallTokenizers.with(minilm(), "padding", "null"), "truncation", truncation);
        Tokenizer ours = read(json);
        try (RustTokenizer theirs = new RustTokenizer(json)) {
            for (int i = 0; i < 30; i++) {
                String first = BROWN.get(i);
                String second = BROWN.get(7 * i + 1);
                if (truncation.contains("Longest")) {
                    assertEquals(theirs.lines(first), RustTokenizer.lines(ours.encode(first)));
                }
                if (fits(truncation, ours, first, second)) {
                    assertEquals(theirs.lines(first, second), RustTokenizer.lines(ours.encode(first, second)));
                }
            }
        }
    }

    /** Whether the text that is to be cut is long enough for it; otherwise both refuse. */
    private static boolean fits(String truncation, Tokenizer ours, String first, String second) {
        try {
            ours.encode(first, second);
            return true;
        } catch (IllegalArgumentException e) {
            return !truncation.contains("Only");
        }
    }

    static Stream<String> fillings() {
        return Stream.of("'BatchLongest'", "{'Fixed':30}")
                .flatMap(strategy -> Stream.of("Left", "Right")
                        .flatMap(side -> Stream.of("null", "8")
                                .map(multiple -> "{'strategy':" + strategy + ",'direction':'" + side
                                        + "','pad_to_multiple_of':" + multiple
                                        + ",'pad_id':3,'pad_type_id':5,'pad_token':'[P]'}")));
    }

    @ParameterizedTest
    @MethodSource("fillings")
    void what_is_filled_is_filled_alike(String padding) throws IOException {
        String json = SmallTokenizers.with(SMALL.roberta(), "padding", padding);
        try (RustTokenizer theirs = new RustTokenizer(json)) {
            List<List<String>> ours = read(json).encodeAll(BROWN.subList(0, 12)).stream()
                    .map(RustTokenizer::lines)
                    .toList();
            assertEquals(theirs.batch(BROWN.subList(0, 12)), ours);
        }
    }

    @Test
    void every_character_is_normalized_and_split_alike() throws IOException {
        List<String> all = new ArrayList<>();
        for (int first = 0; first <= Character.MAX_CODE_POINT; first += 64) {
            if (isUniform(first) && first % 4096 != 0) {
                continue;
            }
            StringBuilder text = new StringBuilder();
            for (int c = first; c < first + 64; c++) {
                text.append('a').appendCodePoint(c);
            }
            all.add(text.toString());
        }
        List<String> texts = Exhaustive.oneIn(3, all);
        agree(
                SMALL.normalized("{'type':'BertNormalizer','clean_text':true,'handle_chinese_chars':true,"
                        + "'strip_accents':true,'lowercase':true}"),
                texts);
        agree(
                SMALL.before("{'type':'Whitespace'},{'type':'Punctuation','behavior':'Isolated'},"
                        + "{'type':'Digits','individual_digits':true}"),
                texts);
        agree(SMALL.split(SmallTokenizers.GPT4O), texts);
    }

    /** Ideographs, syllables and what nobody has assigned are alike; some of them are enough. */
    private static boolean isUniform(int codePoint) {
        return (codePoint >= 0x3500 && codePoint < 0x9f00)
                || (codePoint >= 0xac40 && codePoint < 0xd780)
                || (codePoint >= 0xd800 && codePoint < 0xf900)
                || (codePoint >= 0x17000 && codePoint < 0x18b00)
                || (codePoint >= 0x20000 && codePoint < 0xe0000)
                || codePoint >= 0xe0200;
    }

    private static Map<String, String> files() {
        Map<String, String> files = new TreeMap<>();
        files.put("gpt2", SMALL.gpt2());
        files.put("gpt2 trimmed", SMALL.trimmed());
        files.put("roberta", SMALL.roberta());
        files.put(
                "llama3",
                SMALL.split(SmallTokenizers.LLAMA3).replace("\"ignore_merges\":false", "\"ignore_merges\":true"));
        files.put("qwen", SmallTokenizers.with(SMALL.split(SmallTokenizers.QWEN), "normalizer", "{'type':'NFC'}"));
        files.put("gpt4o", SMALL.split(SmallTokenizers.GPT4O));
        files.put("gemma", SMALL.gemma());
        for (boolean first : new boolean[] {true, false}) {
            for (boolean second : new boolean[] {true, false}) {
                files.put("llama " + first + second, SMALL.llama(first, second));
            }
            for (String scheme : List.of("first", "always", "never")) {
                files.put("mistral " + scheme + first, SMALL.mistral(scheme, first));
            }
        }
        files.put(
                "no unknown",
                SMALL.sentencePiece(false, false).replace("\"unk_token\":\"<unk>\"", "\"unk_token\":null"));
        for (String form : List.of("NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "ByteLevel")) {
            files.put(form, SMALL.normalized("{'type':'" + form + "'}"));
        }
        files.put("strip", SMALL.normalized("{'type':'Strip','strip_left':true,'strip_right':true}"));
        files.put("chain", SMALL.normalized(chain()));
        putSplits(files);
        putWords(files);
        return files;
    }

    private static String chain() {
        return "{'type':'Sequence','normalizers':[{'type':'NFKC'},{'type':'Replace','pattern':{'Regex':'\\\\s+'},'content':' '},"
                + "{'type':'Replace','pattern':{'String':'e'},'content':'xyz'},{'type':'Prepend','prepend':'<'},"
                + "{'type':'StripAccents'},{'type':'Lowercase'}]}";
    }

    private static void putSplits(Map<String, String> files) {
        for (String behavior : List.of("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous")) {
            for (boolean inverted : new boolean[] {true, false}) {
                for (String pattern : List.of("{'Regex':'[\\\\w-]+'}", "{'Regex':'\\\\d|\\\\W'}", "{'String':'a'}")) {
                    files.put(behavior + inverted + pattern, SMALL.split(pattern, behavior, inverted));
                }
            }
            files.put("punctuation " + behavior, SMALL.before("{'type':'Punctuation','behavior':'" + behavior + "'}"));
        }
    }

    private static void putWords(Map<String, String> files) {
        for (String words : List.of(
                "{'type':'Whitespace'}",
                "{'type':'WhitespaceSplit'}",
                "{'type':'BertPreTokenizer'}",
                "{'type':'Digits','individual_digits':false}",
                "{'type':'Digits','individual_digits':true}",
                "{'type':'CharDelimiterSplit','delimiter':'a'}")) {
            files.put(words, SMALL.before(words));
        }
    }

    private static void agree(String json, List<String> texts) throws IOException {
        Tokenizer ours = read(json);
        try (RustTokenizer theirs = new RustTokenizer(json)) {
            for (String text : texts) {
                var encoding = ours.encode(text);
                assertEquals(theirs.lines(HostileTexts.whole(text)), RustTokenizer.lines(encoding));
                assertEquals(theirs.decoded(encoding.ids(), true), ours.decode(encoding.ids(), true));
                assertEquals(theirs.decoded(encoding.ids(), false), ours.decode(encoding.ids(), false));
            }
        }
    }

    private static Tokenizer read(String json) throws IOException {
        return Tokenizer.read(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)));
    }

    private static String minilm() throws IOException {
        try (InputStream in = Objects.requireNonNull(
                TokenizerAgreementTest.class.getResourceAsStream("/all-minilm-l6-v2-tokenizer.json"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static List<String> brown() {
        String file = System.getProperty("amend4j.brown", "");
        try (InputStream in = new GZIPInputStream(
                file.isEmpty()
                        ? Objects.requireNonNull(
                                TokenizerAgreementTest.class.getResourceAsStream("brown/sample.txt.gz"))
                        : Files.newInputStream(Path.of(file)))) {
            List<String> sentences = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
            assertTrue(sentences.size() >= 4_000, sentences.size() + " sentences");
            return sentences;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
