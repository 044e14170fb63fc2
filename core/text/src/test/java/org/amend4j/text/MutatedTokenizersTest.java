/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.amend4j.testkit.BoundedReading;
import org.amend4j.testkit.JsonMutation;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Mutated tokenizers of all kinds: each is refused in one sentence, or encodes and decodes, soon and on a small heap. */
@Timeout(600)
class MutatedTokenizersTest {

    /** For each kind; {@code -Damend4j.mutations=4000} makes 20,000 in all, with checkpoints and models of other formats. */
    private static final int CASES = Integer.getInteger("amend4j.mutations", 600) / 5;

    private static final int PER_BYTE = 200;
    private static final int FIXED = 8 << 20;
    private static final String TEXT = "un one two \u00e9\ud83d\ude00 \u4e2d, don't!\n  3";

    private static final String TRUNCATION =
            "\"truncation\":{\"direction\":\"Right\",\"max_length\":9,\"strategy\":\"LongestFirst\",\"stride\":0}";

    private static final String PADDING = "\"padding\":{\"strategy\":{\"Fixed\":12},\"direction\":\"Right\","
            + "\"pad_to_multiple_of\":null,\"pad_id\":0,\"pad_type_id\":0,\"pad_token\":\"[PAD]\"}";

    /** Files with the parts that tokenizers of this kind have. */
    enum Kind {
        BERT(BertVocabulary.read(
                        "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nun\n##e\none\n,\n!\n".getBytes(StandardCharsets.UTF_8))
                .tokenizer()
                .json()
                .replace("\"truncation\":null", TRUNCATION)
                .replace("\"padding\":null", PADDING)),
        GPT2(new BytePairTraining(270, List.of("<s>"))
                .train(List.of("one two three two one", "three one two"))
                .json()),
        LLAMA3("{'version':'1.0',"
                + "'added_tokens':[" + TestFiles.special(258, "<|end|>") + "],"
                + "'normalizer':{'type':'Sequence','normalizers':[{'type':'NFC'},{'type':'Strip','strip_left':true,'strip_right':false}]},"
                + "'pre_tokenizer':{'type':'Sequence','pretokenizers':[{'type':'Split','pattern':{'Regex':"
                + "'(?i:[sdmt]|ll)|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|\\\\p{N}{1,3}|\\\\s+'},'behavior':'Isolated','invert':false},"
                + "{'type':'ByteLevel','add_prefix_space':false,'trim_offsets':true,'use_regex':false}]},"
                + "'post_processor':{'type':'Sequence','processors':[{'type':'ByteLevel','add_prefix_space':true,"
                + "'trim_offsets':false,'use_regex':true},{'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'<|end|>','type_id':0}},"
                + "{'Sequence':{'id':'A','type_id':0}}],'pair':[{'Sequence':{'id':'A','type_id':0}},{'Sequence':{'id':'B','type_id':1}}],"
                + "'special_tokens':{'<|end|>':{'id':'<|end|>','ids':[258],'tokens':['<|end|>']}}}]},"
                + "'decoder':{'type':'ByteLevel','add_prefix_space':true,'trim_offsets':true,'use_regex':true},"
                + "'model':" + TestFiles.bytePairs(List.of("o n", "on e")) + "}"),
        LLAMA("{'version':'1.0','added_tokens':[" + TestFiles.special(0, "<unk>") + "],"
                + "'normalizer':{'type':'Sequence','normalizers':[{'type':'Prepend','prepend':'_'},"
                + "{'type':'Replace','pattern':{'String':' '},'content':'_'}]},'pre_tokenizer':null,"
                + "'decoder':{'type':'Sequence','decoders':[{'type':'Replace','pattern':{'String':'_'},'content':' '},"
                + "{'type':'ByteFallback'},{'type':'Fuse'},{'type':'Strip','content':' ','start':1,'stop':0}]},"
                + "'model':{'type':'BPE','dropout':null,'unk_token':'<unk>','fuse_unk':true,'byte_fallback':true,"
                + "'ignore_merges':false,'vocab':{'<unk>':0,'<0xE2>':1,'_':2,'o':3,'n':4,'e':5,'on':6,'one':7,'_one':8},"
                + "'merges':[['o','n'],['on','e'],['_','one']]}}"),
        WORDS("{'version':'1.0','normalizer':{'type':'Sequence','normalizers':[{'type':'Lowercase'},{'type':'NFKD'},"
                + "{'type':'StripAccents'}]},'pre_tokenizer':{'type':'Sequence','pretokenizers':[{'type':'Whitespace'},"
                + "{'type':'Digits','individual_digits':true},{'type':'Punctuation','behavior':'Isolated'}]},"
                + "'model':" + TestFiles.WORDS + "}");

        private final byte[] json;

        Kind(String json) {
            this.json = (json.startsWith("{'") ? json.replace('\'', '"').replace("don\"t", "don't") : json)
                    .getBytes(StandardCharsets.UTF_8);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_mutated_tokenizer_is_refused_or_encodes_and_decodes(Kind kind) throws IOException {
        assertTrue(used(kind, "right", kind.json).isPresent(), "the unchanged file must be read");
        Random random = new Random(kind.ordinal());
        int read = 0;
        for (int k = 0; k < CASES; k++) {
            byte[] mutated = JsonMutation.of(kind.json, random);
            String place = kind + ", case " + k + ": " + new String(mutated, StandardCharsets.ISO_8859_1);
            read += used(kind, place, mutated).isPresent() ? 1 : 0;
        }
        assertTrue(0 < read && read < CASES, "mutations must hit and miss, " + read + " were read");
    }

    /** How many tokens a text has. */
    private static Optional<Integer> used(Kind kind, String place, byte[] file) {
        return BoundedReading.of(
                place,
                FIXED + (long) PER_BYTE * kind.json.length,
                Set.of(TokenizerException.class, IllegalArgumentException.class),
                () -> {
                    Tokenizer tokenizer = Tokenizer.read(new ByteArrayInputStream(file));
                    Encoding encoding = tokenizer.encode(TEXT);
                    for (int i = 0; i < encoding.size(); i++) {
                        assertTrue(0 <= encoding.begin(i) && encoding.begin(i) <= encoding.end(i), place);
                        assertTrue(encoding.end(i) <= TEXT.length(), place);
                    }
                    tokenizer.decode(encoding.ids());
                    return encoding.size();
                });
    }
}
