/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.amend4j.internal.text.Shown;

/**
 * How texts are divided before byte pairs are merged, which a GGUF file only names ({@code tokenizer.ggml.pre}). A wrong one gives other
 * tokens without a sign of it, so an unknown name is refused.
 */
enum GgufSplitting {
    GPT2("gpt-2"),
    SMOLLM("smollm"),
    LLAMA3("llama-bpe"),
    QWEN2("qwen2");

    private static final String WORDS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}";
    private static final String REST = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    private final String id;

    GgufSplitting(String id) {
        this.id = id;
    }

    /** @throws IllegalArgumentException if the name is not known */
    static GgufSplitting of(String name) {
        return Arrays.stream(values())
                .filter(one -> one.id.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the tokenizer divides texts by "
                        + Shown.quoted(name) + ", which is not known here (known: "
                        + Arrays.stream(values()).map(one -> one.id).collect(Collectors.joining(", "))
                        + "): a tokenizer.json is needed"));
    }

    /** The name in files. */
    String id() {
        return id;
    }

    /** Whether texts begin with a token where the file does not say. */
    boolean begins() {
        return this == LLAMA3;
    }

    /** Whether a word that is a token is not merged. */
    boolean ignoresMerges() {
        return this == LLAMA3;
    }

    void putRules(ObjectNode file) {
        if (this == QWEN2) {
            file.putObject("normalizer").put("type", "NFC");
        }
        if (this == GPT2) {
            bytes(file.putObject("pre_tokenizer"), true);
            return;
        }
        ObjectNode chain = file.putObject("pre_tokenizer").put("type", "Sequence");
        ObjectNode first = chain.putArray("pretokenizers").addObject();
        switch (this) {
            case SMOLLM -> first.put("type", "Digits").put("individual_digits", true);
            case LLAMA3 -> split(first, WORDS + "{1,3}" + REST);
            default -> split(first, WORDS + REST);
        }
        bytes(chain.withArray("pretokenizers").addObject(), this == SMOLLM);
    }

    private static void split(ObjectNode rule, String pattern) {
        rule.put("type", "Split");
        rule.putObject("pattern").put("Regex", pattern);
        rule.put("behavior", "Isolated");
        rule.put("invert", false);
    }

    static ObjectNode bytes(ObjectNode rule, boolean words) {
        return rule.put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", true)
                .put("use_regex", words);
    }
}
