/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import org.amend4j.text.BytePairTraining;

/** Tokenizers of the families whose files cannot be had here: the parts are those of the real files, the vocabulary is learned. */
final class SmallTokenizers {

    static final String LLAMA3 = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"
            + "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    static final String QWEN = LLAMA3.replace("{1,3}", "");
    private static final String ENDINGS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?";
    static final String GPT4O =
            "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+" + ENDINGS
                    + "|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*"
                    + ENDINGS
                    + "|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String SPACE = "\u2581";

    private final String bytePairs;

    /** Learns byte pairs from texts. */
    SmallTokenizers(List<String> texts) {
        bytePairs = new BytePairTraining(1500, List.of("<|endoftext|>", "<s>", "</s>", "<mask>"))
                .train(texts)
                .json();
    }

    /** GPT-2's, as learned. */
    String gpt2() {
        return bytePairs;
    }

    /** A blank in front, and places without blanks. */
    String trimmed() {
        return bytePairs
                .replace("\"add_prefix_space\":false", "\"add_prefix_space\":true")
                .replace("\"trim_offsets\":false", "\"trim_offsets\":true");
    }

    String roberta() {
        return with(
                bytePairs.replace(
                        "\"content\":\"<mask>\",\"single_word\":false,\"lstrip\":false",
                        "\"content\":\"<mask>\",\"single_word\":false,\"lstrip\":true"),
                "post_processor",
                "{'type':'RobertaProcessing','sep':['</s>',2],'cls':['<s>',1],'trim_offsets':true,'add_prefix_space':false}");
    }

    /** Bytes behind words that an expression finds. */
    String split(String expression) {
        return split("{'Regex':" + quoted(expression) + "}", "Isolated", false);
    }

    String split(String pattern, String behavior, boolean inverted) {
        return before(String.format(
                Locale.ROOT, "{'type':'Split','pattern':%s,'behavior':'%s','invert':%b}", pattern, behavior, inverted));
    }

    /** Bytes behind the words of another pre-tokenizer. */
    String before(String preTokenizer) {
        return with(
                bytePairs,
                "pre_tokenizer",
                "{'type':'Sequence','pretokenizers':[" + preTokenizer
                        + ",{'type':'ByteLevel','add_prefix_space':false,'trim_offsets':true,'use_regex':false}]}");
    }

    String normalized(String normalizer) {
        return with(bytePairs, "normalizer", normalizer);
    }

    /** SentencePiece's characters and merges, bytes for what is unknown. */
    String sentencePiece(boolean byteFallback, boolean fuseUnknown) {
        ObjectNode file = read("{'version':'1.0','truncation':null,'padding':null,'added_tokens':[],'normalizer':null,"
                + "'pre_tokenizer':null,'post_processor':null,'decoder':null,'model':{'type':'BPE','dropout':null,"
                + "'unk_token':'<unk>','continuing_subword_prefix':null,'end_of_word_suffix':null,'fuse_unk':"
                + fuseUnknown
                + ",'byte_fallback':" + byteFallback + ",'ignore_merges':false,'vocab':{},'merges':[]}}");
        ObjectNode vocabulary = (ObjectNode) file.get("model").get("vocab");
        List.of("<unk>", "<s>", "</s>").forEach(token -> put(token, vocabulary));
        for (int b = 0; byteFallback && b < 256; b++) {
            put(String.format(Locale.ROOT, "<0x%02X>", b), vocabulary);
        }
        put(SPACE, vocabulary);
        for (char c = '!'; c <= '~'; c++) {
            put(Character.toString(c), vocabulary);
        }
        addMerges(vocabulary, (ArrayNode) file.get("model").get("merges"));
        ArrayNode added = (ArrayNode) file.get("added_tokens");
        added.add(added(
                0, "<unk>", "'normalized':false,'special':true,'single_word':false,'lstrip':false,'rstrip':false"));
        added.add(
                added(1, "<s>", "'normalized':false,'special':true,'single_word':false,'lstrip':false,'rstrip':false"));
        added.add(
                added(2, "</s>", "'normalized':true,'special':true,'single_word':false,'lstrip':false,'rstrip':false"));
        int next = vocabulary.size();
        added.add(added(
                next, "<mask>", "'normalized':false,'special':false,'single_word':true,'lstrip':true,'rstrip':true"));
        added.add(added(
                next + 1,
                "World",
                "'normalized':true,'special':false,'single_word':true,'lstrip':false,'rstrip':true"));
        String written = with(
                write(file),
                "post_processor",
                "{'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'<s>','type_id':0}},"
                        + "{'Sequence':{'id':'A','type_id':0}}],'pair':[{'SpecialToken':{'id':'<s>','type_id':0}},"
                        + "{'Sequence':{'id':'A','type_id':0}},{'SpecialToken':{'id':'<s>','type_id':1}},"
                        + "{'Sequence':{'id':'B','type_id':1}}],'special_tokens':{'<s>':{'id':'<s>','ids':[1],'tokens':['<s>']}}}");
        return with(
                written,
                "decoder",
                "{'type':'Sequence','decoders':[{'type':'Replace','pattern':{'String':'\u2581'},'content':' '},"
                        + "{'type':'ByteFallback'},{'type':'Fuse'},{'type':'Strip','content':' ','start':1,'stop':0}]}");
    }

    /** Llama 2's. */
    String llama(boolean byteFallback, boolean fuseUnknown) {
        return with(
                sentencePiece(byteFallback, fuseUnknown),
                "normalizer",
                "{'type':'Sequence','normalizers':[{'type':'Prepend','prepend':'\u2581'},"
                        + "{'type':'Replace','pattern':{'String':' '},'content':'\u2581'}]}");
    }

    /** Gemma's. */
    String gemma() {
        return with(
                with(
                        sentencePiece(true, true),
                        "normalizer",
                        "{'type':'Replace','pattern':{'String':' '},'content':'\u2581'}"),
                "pre_tokenizer",
                "{'type':'Split','pattern':{'String':' '},'behavior':'MergedWithPrevious','invert':false}");
    }

    /** Mistral's. */
    String mistral(String scheme, boolean split) {
        String metaspace =
                "{'type':'Metaspace','replacement':'\u2581','prepend_scheme':'" + scheme + "','split':" + split + "}";
        return with(with(sentencePiece(true, true), "pre_tokenizer", metaspace), "decoder", metaspace);
    }

    /** A file with one of its parts changed; single quotes in the part stand for double ones. */
    static String with(String json, String field, String part) {
        ObjectNode file = read(json);
        try {
            file.set(field, MAPPER.readTree(part.replace('\'', '"').replace("\\u0027", "'")));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
        return write(file);
    }

    /** A text in JSON, for use in a part. */
    static String quoted(String text) {
        try {
            return MAPPER.writeValueAsString(text).replace("'", "\\u0027");
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private void addMerges(ObjectNode vocabulary, ArrayNode merges) {
        for (JsonNode merge : read(bytePairs).get("model").get("merges")) {
            String[] pair = merge.asText().replace("\u0120", SPACE).split(" ", 2);
            String whole = pair[0] + pair[1];
            if (whole.matches("[\u2581!-~]+") && vocabulary.has(pair[0]) && vocabulary.has(pair[1])) {
                merges.addArray().add(pair[0]).add(pair[1]);
                put(whole, vocabulary);
            }
        }
    }

    private static JsonNode added(int id, String content, String rest) {
        return read("{'id':" + id + ",'content':'" + content + "'," + rest + "}");
    }

    private static void put(String token, ObjectNode vocabulary) {
        if (!vocabulary.has(token)) {
            vocabulary.put(token, vocabulary.size());
        }
    }

    private static ObjectNode read(String json) {
        try {
            return (ObjectNode) MAPPER.readTree(json.startsWith("{'") ? json.replace('\'', '"') : json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static String write(JsonNode node) {
        try {
            return MAPPER.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
