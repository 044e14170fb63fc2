/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.amend4j.testkit.Exhaustive;
import org.amend4j.testkit.Refusals;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostileFilesTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "'version':'1.0'|'version':'2.0'|version must be 1.0",
                "'version':'1.0'|'versions':'1.0'|the field 'versions'",
                "BertNormalizer|Precompiled|normalizer has the type 'Precompiled'",
                "'BertPreTokenizer'|'UnicodeScripts'|pre_tokenizer has the type 'UnicodeScripts'",
                "'BertPreTokenizer'|'BertPreTokenizer','new':1|pre_tokenizer has the field 'new'",
                "'BertPreTokenizer'|7|pre_tokenizer.type must be a text",
                "'WordPiece','prefix'|'CTC','prefix'|decoder has the type 'CTC'",
                "'cleanup':true|'cleanup':1|true or false",
                "'##a':7|'##a':8|differ in their ids",
                "'##a':7|'##a':-7|whole number",
                "'##a':7|'##a':2000000000|must be below",
                "'##a':7|'##a':99999999999|whole number",
                "'##a':7|'un':7|strict JSON",
                "'[UNK]':1|'[UNX]':1|unk_token must be in the vocabulary",
                "'type':'WordPiece','unk|'type':'Unigram','unk|model has the type 'Unigram'",
                "'[SEP]',3|'[SEP]'|a token and its id",
                "'id':3,|'id':4,|must have the id 3",
                "'content':'[SEP]'|'content':'[CLS]'|must have the id 2",
                "'id':3,'content':'[SEP]'|'id':10,'content':''|an added token must have a character, got none for id 10",
                "'added_tokens':[|'added_tokens':[{'id':2,'content':'[CLS]','single_word':false,'lstrip':false,'rstrip':false,'normalized':false,'special':true},|got twice '[CLS]'",
                "'max_input_chars_per_word':10|'max_input_chars_per_word':'x'|whole number in [0, 2^31), got 'x'",
                "'max_input_chars_per_word':10|'max_input_chars_per_word':-1|whole number in [0, 2^31), got '-1'",
                "'unk_token':'[UNK]'|'unk_token':{}|model.unk_token must be a text, got an object",
                "'type':'WordPiece','unk|'merges':[],'type':'WordPiece','unk|merges only for BPE, got WordPiece",
                "'vocab':|'vocab':7,'vocabulary':|model.vocab must be an object",
                "'vocab':|'vocab':[],'vocabulary':|must have a vocab",
                "'[PAD]':0|'\\ud800':0|unpaired surrogate",
                "{'type':'BertPreTokenizer'}|{'type':'CharDelimiterSplit','delimiter':'ab'}|one character as 'delimiter', got 'ab'",
                "{'type':'BertPreTokenizer'}|{'type':'CharDelimiterSplit','delimiter':''}|one character as 'delimiter', got ''",
                "{'type':'BertPreTokenizer'}|{'type':'Punctuation','behavior':'Merged'}|must have a known behavior, got 'Merged'",
                "{'type':'BertPreTokenizer'}|{'type':'Split','pattern':{'String':'a'},'invert':false}|must have a known behavior, got ''",
                "{'type':'BertPreTokenizer'}|{'type':'Split','pattern':{'String':''},'invert':false,'behavior':'Removed'}|pre_tokenizer.pattern must not be empty",
                "{'type':'BertPreTokenizer'}|{'type':'Split','pattern':{'Text':'a'},'invert':false,'behavior':'Removed'}|must be a String or a Regex, got 'Text'",
                "{'type':'BertPreTokenizer'}|{'type':'Split','pattern':{'Regex':'('},'invert':false,'behavior':'Removed'}|pre_tokenizer.pattern: an expression must",
                "{'type':'BertPreTokenizer'}|{'type':'Metaspace','replacement':'_','prepend_scheme':'last'}|must have a known prepend_scheme, got 'last'",
                "{'type':'BertPreTokenizer'}|{'type':'Metaspace','replacement':'_','add_prefix_space':false,'prepend_scheme':'first'}|fits its prepend_scheme, got false and 'first'",
                "'version':'1.0',|'padding':{'strategy':'Longest'},|padding.strategy must be an object, got 'Longest'",
                "'version':'1.0',|'truncation':{'stride':0,'max_length':3,'strategy':'Longest'},|must have a known strategy",
                "'version':'1.0',|'truncation':{'stride':0,'max_length':3,'strategy':'OnlyFirst','direction':'Up'},|Left or Right as direction, got 'Up'",
            })
    void what_is_not_understood_is_refused_by_its_name(String part, String other, String rule) {
        String file = TestFiles.file(TestFiles.PIECES, TestFiles.BERT).replace(part, other);
        refused(TokenizerException.class, rule, () -> TestFiles.read(file));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'type':'Sequence','processors':[TEMPLATE,TEMPLATE]}|must have at most one template, got 2",
                "{'type':'Sequence','processors':[TEMPLATE,{'type':'Sequence','processors':[TEMPLATE]}]}|at most one template, got 2",
                "{'type':'TemplateProcessing','single':[{'Sequence':{'id':'C','type_id':0}}],'pair':[],'special_tokens':{}}|single[0] must be Sequence A or B or one of special_tokens, got 'Sequence' 'C'",
                "{'type':'TemplateProcessing','single':[{'Text':{'id':'A','type_id':0}}],'pair':[],'special_tokens':{}}|got 'Text' 'A'",
                "{'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'A','type_id':0}}],'pair':[],'special_tokens':{}}|got 'SpecialToken' 'A'",
                "{'type':'TemplateProcessing','single':[{'Text':{'id':'s','type_id':0}}],'pair':[],'special_tokens':{SPECIAL}}|got 'Text' 's'",
                "{'type':'TemplateProcessing','single':[{'Sequence':{'id':'B','type_id':0}}],'pair':[],'special_tokens':{}}|a template for one text must not have the second",
                "{'type':'TemplateProcessing','single':[],'pair':[],'special_tokens':{'s':{'id':'s','ids':[2,3],'tokens':['[CLS]']}}}|must have as many ids as tokens",
                "{'type':'TemplateProcessing','single':[],'pair':[],'special_tokens':{'s':{'id':'s','ids':{},'tokens':[]}}}|must have as many ids as tokens",
                "{'type':'TemplateProcessing','single':[],'pair':[],'special_tokens':{'s':{'id':'s','ids':[],'tokens':{}}}}|must have as many ids as tokens",
                "{'type':'TemplateProcessing','single':[],'pair':[],'special_tokens':{'s':{'id':'s','ids':[-2],'tokens':['[CLS]']}}}|post_processor.special_tokens.'s'.ids must be a whole number",
                "{'type':'BertProcessing','sep':['[SEP]',3,3],'cls':['[CLS]',2]}|a token and its id as 'sep', got a list",
                "{'type':'BertProcessing','sep':['[SEP]',3],'cls':[2,'[CLS]']}|post_processor.cls must be a text, got '2'",
                "{'type':'BertProcessing','sep':['[SEP]',3],'cls':['[CLS]',-2]}|post_processor.cls must be a whole number in [0, 2^31), got '-2'",
            })
    void templates_are_checked(String written, String rule) {
        String processor = written.replace("SPECIAL}", "'s':{'id':'s','ids':[2],'tokens':['[CLS]']}}")
                .replace("TEMPLATE", "{'type':'BertProcessing','sep':['[SEP]',3],'cls':['[CLS]',2]}");
        refused(
                TokenizerException.class,
                rule,
                () -> TestFiles.read(TestFiles.file(TestFiles.PIECES, "'post_processor':" + processor)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "'dropout':0.1,|must have no dropout",
                "'merges':['a b','a b'],|each merge once",
                "'merges':['a x'],|of tokens of the vocabulary, got 'x'",
                "'merges':['b a'],|of tokens of the vocabulary, got 'ba'",
                "'merges':['ab'],|two tokens with a blank",
                "'merges':[['a',1]],|pairs of tokens",
                "'merges':[[1,'b']],|pairs of tokens",
                "'merges':[1],|pairs of tokens",
                "'continuing_subword_prefix':'##',|the continuing_subword_prefix on the right, got 'b'",
                "'merges':['a b c'],|two tokens with a blank",
                "'merges':[' b'],|of tokens of the vocabulary, got ''",
                "'merges':null,|a list",
                "'dropout':'x',|must have no dropout",
                "'merges':[['a','b','c']],|pairs of tokens",
                "'merges':[['a']],|pairs of tokens",
                "'merges':{},|a list",
                "'byte_fallback':true,'end_of_word_suffix':'x',|byte_fallback must be without",
                "'cache':1,|the field 'cache'",
            })
    void merges_and_options_are_checked(String part, String rule) {
        String rest = part.contains("merges") ? "" : "'merges':['a b'],";
        String model = "{'type':'BPE'," + part + rest + "'vocab':{'a':0,'b':1,'ab':2}}";
        refused(TokenizerException.class, rule, () -> TestFiles.read(TestFiles.file(model)));
    }

    @Test
    void an_added_token_that_is_normalized_to_nothing_is_refused() {
        String token = TestFiles.special(4, " ").replace("'normalized':false", "'normalized':true");
        String strip = "'normalizer':{'type':'Strip','strip_left':true,'strip_right':true}";
        refused(
                TokenizerException.class,
                "must not be empty when normalized, got ' '",
                () -> TestFiles.read(TestFiles.file(TestFiles.WORDS, strip, "'added_tokens':[" + token + "]")));
    }

    /** The vocabulary's ids have a gap, into which the first added token comes. */
    @Test
    void two_added_tokens_have_two_ids() {
        String model = "{'type':'WordLevel','unk_token':'b','vocab':{'b':0,'a':2}}";
        String added = "'added_tokens':[" + TestFiles.special(2, "<x>") + "," + TestFiles.special(2, "a") + "]";
        refused(
                TokenizerException.class,
                "must differ, got twice 'a' or its id 2",
                () -> TestFiles.read(TestFiles.file(model, added)));
    }

    @Test
    void pairs_need_their_merges_and_a_model_is_an_object() {
        String model = "{'type':'BPE','vocab':{'a':0}}";
        refused(TokenizerException.class, "must have merges", () -> TestFiles.read(TestFiles.file(model)));
        refused(TokenizerException.class, "model must be an object", () -> TestFiles.read("{'model':[]}"));
    }

    @Test
    void ids_may_leave_out_a_million() throws IOException {
        String model = "{'type':'WordLevel','unk_token':'a','vocab':{'a':%d}}";
        assertEquals(
                1 << 20,
                TestFiles.read(TestFiles.file(String.format(Locale.ROOT, model, (1 << 20) - 1)))
                        .size());
        assertEquals(
                (1 << 20) + 1,
                TestFiles.read(TestFiles.file(String.format(Locale.ROOT, model, 1 << 20)))
                        .size());
        refused(
                TokenizerException.class,
                "ids of 1 tokens must be below 1048577, got 1048577",
                () -> TestFiles.read(TestFiles.file(String.format(Locale.ROOT, model, (1 << 20) + 1))));
    }

    @Test
    @Tag("exhaustive")
    void a_vocabulary_has_at_most_a_million_tokens() {
        String million =
                IntStream.range(0, 1 << 20).mapToObj(i -> "'" + i + "':0").collect(Collectors.joining(","));
        for (String more : List.of("", ",'x':0")) {
            refused(
                    TokenizerException.class,
                    more.isEmpty() ? "the type 'Unigram'" : "model.vocab must have at most 1048576 tokens",
                    () -> TestFiles.read("{'model':{'type':'Unigram','vocab':{" + million + more + "}}}"));
        }
    }

    @Test
    void a_file_that_is_none_is_refused() throws IOException {
        for (String text : List.of("", "{", "[]", "null", "{}", "{'model':3}", "{'model':{}}", "x", "{'model':null}")) {
            Refusals.sentence(assertThrows(TokenizerException.class, () -> TestFiles.read(text), text));
        }
        refused(TokenizerException.class, "it must hold a JSON object", () -> TestFiles.read("['model']"));
        refused(TokenizerException.class, "it must have a model", () -> TestFiles.read("{'version':'1.0'}"));
        refused(
                TokenizerException.class,
                "one JSON object and nothing after it",
                () -> TestFiles.read(TestFiles.file(TestFiles.WORDS) + "{}"));
        Path empty = Files.createDirectory(folder.resolve("empty"));
        refused(TokenizerException.class, "a folder must have a tokenizer.json", () -> Tokenizer.open(empty));
    }

    @Test
    void blanks_may_stand_before_a_file_but_it_is_utf_8() throws IOException {
        assertEquals(
                TestFiles.read(TestFiles.file(TestFiles.WORDS)).encode("a"),
                TestFiles.read(" \n\r\t" + TestFiles.file(TestFiles.WORDS)).encode("a"));
        byte[] latin = TestFiles.file(TestFiles.WORDS.replace("'a'", "'\u00e9'"))
                .replace('\'', '"')
                .getBytes(StandardCharsets.ISO_8859_1);
        refused(TokenizerException.class, "UTF-8", () -> Tokenizer.read(new ByteArrayInputStream(latin)));
    }

    @Test
    void a_folder_is_opened_by_its_file() throws IOException {
        Files.writeString(
                folder.resolve("tokenizer.json"),
                TestFiles.file(TestFiles.WORDS).replace('\'', '"'));
        assertEquals(
                Tokenizer.open(folder.resolve("tokenizer.json")).encode("a"),
                Tokenizer.open(folder).encode("a"));
    }

    @Test
    void a_few_bytes_do_not_ask_for_a_million_tokens_that_fill() {
        String padding =
                "'padding':{'strategy':{'Fixed':1048576},'direction':'Right','pad_to_multiple_of':null,'pad_id':0,"
                        + "'pad_type_id':0,'pad_token':'[PAD]'}";
        refused(
                TokenizerException.class,
                "length must be in [0, 131072], got 1048576",
                () -> TestFiles.read(TestFiles.file(TestFiles.PIECES, padding)));
    }

    @Test
    void nesting_and_numbers_of_values_are_bounded() {
        refused(
                TokenizerException.class,
                "strict JSON",
                () -> TestFiles.read("{'normalizer':" + "[".repeat(10_000) + "]".repeat(10_000) + "}"));
        refused(
                TokenizerException.class,
                "at most",
                () -> TestFiles.read("{'normalizer':[" + "0,".repeat(3_000_000) + "0]}"));
    }

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void a_damaged_file_is_read_right_or_refused_in_one_sentence() {
        byte[] file = TestFiles.file(TestFiles.PIECES, TestFiles.BERT)
                .replace('\'', '"')
                .getBytes(StandardCharsets.UTF_8);
        byte[] pairs = new BytePairTraining(300, List.of("<s>"))
                .train(List.of("one two three two one", "three one two"))
                .json()
                .getBytes(StandardCharsets.UTF_8);
        int read = 0;
        int step = Exhaustive.times(7, 1); // neighbours among seeds begin with the same damage
        for (int seed = 0; seed < 3_000; seed += step) {
            read += readsRight(damaged(file, new Random(seed))) ? 1 : 0;
            read += readsRight(damaged(pairs, new Random(seed))) ? 1 : 0;
        }
        assertTrue(read > 50 / step && read < 5_000 / step, read + " of " + 6_000 / step + " were read");
    }

    @Test
    void a_damaged_vocabulary_of_llama2c_is_read_right_or_refused_in_one_sentence() {
        byte[] file = LlamaVocabularyTest.file();
        for (int seed = 0; seed < 2_000; seed += Exhaustive.times(7, 1)) {
            byte[] damaged = file.clone();
            Random random = new Random(seed);
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            readsRight(seed % 2 == 0 ? damaged : Arrays.copyOf(damaged, random.nextInt(damaged.length)));
        }
    }

    /** Whether it is read; then it encodes and decodes. */
    private static boolean readsRight(byte[] file) {
        Tokenizer tokenizer;
        try {
            tokenizer = Tokenizer.read(new ByteArrayInputStream(file));
        } catch (IOException e) {
            Refusals.sentence(e);
            assertTrue(e instanceof TokenizerException, String.valueOf(e));
            assertTrue(String.valueOf(e.getMessage()).length() < 600, e.getMessage());
            return false;
        }
        try {
            String text = "un one two \u00e9\ud83d\ude00!";
            Encoding encoding = tokenizer.encode(text);
            for (int i = 0; i < encoding.size(); i++) {
                assertTrue(0 <= encoding.begin(i)
                        && encoding.begin(i) <= encoding.end(i)
                        && encoding.end(i) <= text.length());
            }
            if (encoding.size() > 0) {
                tokenizer.decode(encoding.ids());
            }
        } catch (IllegalArgumentException e) {
            Refusals.sentence(e);
        }
        return true;
    }

    private static byte[] damaged(byte[] file, Random random) {
        byte[] damaged = file.clone();
        switch (random.nextInt(4)) {
            case 0 -> damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            case 1 -> damaged = Arrays.copyOf(damaged, random.nextInt(damaged.length));
            case 2 -> {
                int at = random.nextInt(damaged.length - 8);
                System.arraycopy(file, random.nextInt(damaged.length - 8), damaged, at, 8);
            }
            default -> {
                String[] words = {"null", "true", "0", "-1", "1e9", "\"\"", "[]", "{}"};
                String text = new String(file, StandardCharsets.UTF_8);
                int colon = text.indexOf(':', random.nextInt(text.length() - 400));
                int comma = text.indexOf(',', colon);
                damaged = (text.substring(0, colon + 1) + words[random.nextInt(words.length)] + text.substring(comma))
                        .getBytes(StandardCharsets.UTF_8);
            }
        }
        return damaged;
    }
}
