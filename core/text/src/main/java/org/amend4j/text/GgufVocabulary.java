/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.amend4j.gguf.GgufKeys;
import org.amend4j.internal.text.Shown;

/**
 * A {@code tokenizer.json} as the keys of a GGUF file: byte pairs that divide texts in a way for which the format has a name.
 *
 * @param begin the token with which texts begin
 * @param ends tokens with any of which texts end
 * @param padding the token with which shorter texts are filled
 * @param template the chat template
 */
public record GgufVocabulary(OptionalInt begin, List<Integer> ends, OptionalInt padding, Optional<String> template) {

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String PREFIX = "tokenizer.ggml.";
    private static final int NORMAL = 1;
    private static final int CONTROL = 3;
    private static final int OF_USER = 4;
    private static final int UNUSED = 5;

    public GgufVocabulary {
        ends = List.copyOf(ends);
    }

    /**
     * The keys.
     *
     * @param json a {@code tokenizer.json}, which {@link Tokenizer} has read
     * @param size how many tokens the model has, at least as many as the tokenizer; the rest are unused
     * @throws IllegalArgumentException if the format has no name for such a tokenizer
     */
    public GgufKeys keys(String json, int size) {
        JsonNode file = tree(json);
        JsonNode model = file.path("model");
        if (!model.path("type").asText().equals("BPE")
                || model.path("byte_fallback").asBoolean()) {
            throw new IllegalArgumentException("only tokenizers of byte pairs are written to GGUF, got "
                    + Shown.quoted(model.path("type").asText()));
        }
        GgufKeys keys = new GgufKeys()
                .text(PREFIX + "model", "gpt2")
                .text(PREFIX + "pre", splitting(file).id());
        putTokens(file, model, size, keys);
        keys.texts(PREFIX + "merges", merges(model));
        begin.ifPresent(id -> keys.whole(PREFIX + "bos_token_id", id));
        if (!ends.isEmpty()) {
            keys.whole(PREFIX + "eos_token_id", ends.get(0));
        }
        if (ends.size() > 1) {
            keys.whole(PREFIX + "eot_token_id", ends.get(1));
        }
        padding.ifPresent(id -> keys.whole(PREFIX + "padding_token_id", id));
        keys.truth(PREFIX + "add_bos_token", adds(file));
        template.ifPresent(text -> keys.text("tokenizer.chat_template", text));
        return keys;
    }

    private static JsonNode tree(String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the tokenizer.json is no JSON", e);
        }
    }

    private static GgufSplitting splitting(JsonNode file) {
        for (GgufSplitting one : GgufSplitting.values()) {
            ObjectNode known = TrainedTokenizer.file();
            one.putRules(known);
            if (plain(known.path("normalizer")).equals(plain(file.path("normalizer")))
                    && plain(known.path("pre_tokenizer")).equals(plain(file.path("pre_tokenizer")))
                    && one.ignoresMerges()
                            == file.path("model").path("ignore_merges").asBoolean(false)) {
                return one;
            }
        }
        throw new IllegalArgumentException(
                "the tokenizer divides texts in a way that is not known by a name of GGUF's here");
    }

    /** Without what changes no token: places are not kept in GGUF. */
    private static JsonNode plain(JsonNode rule) {
        JsonNode copy = rule.isMissingNode() ? MAPPER.nullNode() : rule.deepCopy();
        for (JsonNode part : copy.path("pretokenizers").isArray() ? copy.path("pretokenizers") : List.of(copy)) {
            if (part.path("type").asText().equals("ByteLevel")) {
                ((ObjectNode) part).remove("trim_offsets");
                if (!part.has("use_regex")) {
                    ((ObjectNode) part).put("use_regex", true);
                }
            }
        }
        return copy;
    }

    private static void putTokens(JsonNode file, JsonNode model, int size, GgufKeys keys) {
        String[] tokens = new String[size];
        int[] types = new int[size];
        Arrays.fill(types, UNUSED);
        model.path("vocab")
                .properties()
                .forEach(entry -> put(entry.getKey(), entry.getValue().intValue(), NORMAL, tokens, types));
        for (JsonNode added : file.path("added_tokens")) {
            int type = added.path("special").asBoolean() ? CONTROL : OF_USER;
            put(added.path("content").asText(), added.path("id").intValue(), type, tokens, types);
        }
        Set<String> taken = new HashSet<>();
        for (int id = 0; id < size; id++) {
            if (tokens[id] == null) {
                tokens[id] = "[PAD" + id + "]";
            }
            if (!taken.add(tokens[id])) {
                throw new IllegalArgumentException("tokens must differ, got twice " + Shown.quoted(tokens[id]));
            }
        }
        keys.texts(PREFIX + "tokens", List.of(tokens)).wholes(PREFIX + "token_type", types);
    }

    private static void put(String token, int id, int type, String[] tokens, int[] types) {
        if (id < 0 || id >= tokens.length) {
            throw new IllegalArgumentException(
                    "the token " + Shown.quoted(token) + " must have an id below " + tokens.length + ", got " + id);
        }
        tokens[id] = token;
        types[id] = type;
    }

    private static List<String> merges(JsonNode model) {
        List<String> merges = new ArrayList<>();
        for (JsonNode merge : model.path("merges")) {
            merges.add(
                    merge.isTextual()
                            ? merge.textValue()
                            : merge.path(0).asText() + " " + merge.path(1).asText());
        }
        return merges;
    }

    /** Whether texts begin with the token that begins them; what else a template adds has no key. */
    private boolean adds(JsonNode file) {
        JsonNode processor = file.path("post_processor");
        JsonNode chain = processor.path("type").asText().equals("Sequence") ? processor.path("processors") : processor;
        JsonNode template = chain.isArray()
                ? StreamSupport.stream(chain.spliterator(), false)
                        .filter(one -> one.path("type").asText().equals("TemplateProcessing"))
                        .findFirst()
                        .orElse(MAPPER.nullNode())
                : chain;
        JsonNode single = template.path("single");
        if (single.size() <= 1) {
            return false;
        }
        String first = single.path(0).path("SpecialToken").path("id").asText();
        int id = template.path("special_tokens").path(first).path("ids").path(0).asInt(-1);
        if (single.size() > 2 || begin.isEmpty() || begin.getAsInt() != id) {
            throw new IllegalArgumentException(
                    "GGUF can only say that texts begin with bos_token_id, and this tokenizer adds other tokens");
        }
        return true;
    }
}
