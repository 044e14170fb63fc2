/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.amend4j.internal.json.StrictReading;
import org.amend4j.safetensors.Printable;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/** The fields of a configuration, each of its type; it remembers which were asked for. Null is as good as absent. */
final class ConfigFields {

    private static final Logger LOG = LogManager.getLogger(ConfigFields.class);

    /** Fields of other models than those that are read here, in Hugging Face's library, each of which changes what is computed. */
    private static final Set<String> TELLING = Set.of(
            "alibi",
            "attention_bias",
            "attention_chunk_size",
            "attention_multiplier",
            "attn_logit_softcapping",
            "attn_temperature_tuning",
            "clip_qkv",
            "cross_attention_layers",
            "decoder_sparse_step",
            "embedding_multiplier",
            "embedding_size",
            "final_logit_softcapping",
            "first_k_dense_replace",
            "global_attn_every_n_layers",
            "kv_lora_rank",
            "lm_head_multiplier",
            "logit_scale",
            "logits_scaling",
            "mlp_bias",
            "moe_intermediate_size",
            "n_routed_experts",
            "no_rope_layers",
            "num_experts",
            "num_kv_shared_layers",
            "num_local_experts",
            "num_register_tokens",
            "parallel_attn",
            "pos_att_type",
            "qk_layernorm",
            "qk_norm",
            "query_pre_attn_scalar",
            "relative_attention",
            "relative_attention_num_buckets",
            "residual_multiplier",
            "rotary_dim",
            "rotary_pct",
            "sliding_window_pattern",
            "use_alibi",
            "use_parallel_residual",
            "use_qk_norm",
            "use_sliding_window",
            "use_swiglu_ffn");

    private static final int MOST_NAMED = 8;
    private static final int DEEPEST = 16;
    private static final int LARGEST = 1 << 20;

    private final JsonNode object;
    private final Set<String> asked = new HashSet<>();

    private ConfigFields(JsonNode object) {
        this.object = object;
    }

    /** The object in a file. */
    static ConfigFields read(Path file) throws IOException {
        return new ConfigFields(StrictReading.object(file, DEEPEST, LARGEST));
    }

    /** An object in memory. */
    static ConfigFields of(JsonNode object) {
        return new ConfigFields(object);
    }

    /** Whether it is there, be it null. */
    boolean mentions(String name) {
        return object.has(name);
    }

    private Optional<JsonNode> value(String name) {
        asked.add(name);
        JsonNode value = object.get(name);
        return value == null || value.isNull() ? Optional.empty() : Optional.of(value);
    }

    Optional<String> text(String name) {
        return value(name).map(value -> {
            if (!value.isTextual()) {
                throw wrong(name, "a text", value);
            }
            return value.textValue();
        });
    }

    int integer(String name) {
        return optionalInteger(name).orElseThrow(() -> new IllegalArgumentException("'" + name + "' is missing"));
    }

    int integer(String name, int otherwise) {
        return optionalInteger(name).orElse(otherwise);
    }

    OptionalInt optionalInteger(String name) {
        Optional<JsonNode> value = value(name);
        return value.isPresent() ? OptionalInt.of(integer(name, value.get())) : OptionalInt.empty();
    }

    private static int integer(String name, JsonNode value) {
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw wrong(name, "a whole number below 2^31", value);
        }
        return value.intValue();
    }

    /** One number or a list of them; absent and null are none. */
    List<Integer> integers(String name) {
        List<Integer> integers = new ArrayList<>();
        value(name).ifPresent(value -> {
            if (value.isArray()) {
                value.forEach(element -> integers.add(integer(name, element)));
            } else {
                integers.add(integer(name, value));
            }
        });
        return integers;
    }

    Optional<Double> number(String name) {
        return value(name).map(value -> {
            if (!value.isNumber()) {
                throw wrong(name, "a number", value);
            }
            return value.doubleValue();
        });
    }

    boolean flag(String name, boolean otherwise) {
        return value(name)
                .map(value -> {
                    if (!value.isBoolean()) {
                        throw wrong(name, "true or false", value);
                    }
                    return value.booleanValue();
                })
                .orElse(otherwise);
    }

    Optional<List<String>> texts(String name) {
        return value(name).map(value -> {
            List<String> texts = new ArrayList<>();
            for (JsonNode element : value) {
                texts.add(element.asText());
            }
            if (!value.isArray()) {
                throw wrong(name, "a list", value);
            }
            return texts;
        });
    }

    /** An object of texts; empty if it is absent. */
    Map<String, String> names(String name) {
        Map<String, String> names = new TreeMap<>();
        value(name).ifPresent(value -> {
            if (!value.isObject()) {
                throw wrong(name, "an object", value);
            }
            value.properties()
                    .forEach(field -> names.put(field.getKey(), field.getValue().asText()));
        });
        return names;
    }

    Optional<ConfigFields> object(String name) {
        return value(name).map(value -> {
            if (!value.isObject()) {
                throw wrong(name, "an object", value);
            }
            return new ConfigFields(value);
        });
    }

    /** Refuses a field unless it is absent, null, false, or empty. */
    void requireOff(String name) {
        value(name).ifPresent(value -> {
            boolean off = value.isBoolean() ? !value.booleanValue() : value.isContainerNode() && value.isEmpty();
            if (!off) {
                throw new IllegalArgumentException(
                        "'" + name + "' is not supported, got " + Printable.line(value.toString()));
            }
        });
    }

    /** What was neither asked for nor is harmless, unless it is null. */
    private Set<String> others(Set<String> harmless) {
        Set<String> others = new TreeSet<>();
        object.fieldNames().forEachRemaining(others::add);
        others.removeIf(name -> asked.contains(name)
                || harmless.contains(name)
                || object.path(name).isNull());
        return others;
    }

    /** Refuses fields that were not asked for, unless they are null. */
    void requireNoOthers() {
        for (String name : others(Set.of())) {
            throw new IllegalArgumentException("the field " + Printable.quoted(name) + " is not known, got "
                    + Printable.line(object.path(name).toString())
                    + ": if it does not change what the model computes, remove it from the file");
        }
    }

    /**
     * Refuses settings that change a model's mathematics unless they are off, and warns of the other fields that no
     * reader has asked for.
     */
    void warnOfOthers(Set<String> harmless) {
        TELLING.forEach(name -> {
            if (!asked.contains(name)) {
                requireOff(name);
            }
        });
        Set<String> unknown = others(harmless);
        if (!unknown.isEmpty()) {
            LOG.warn(
                    "the configuration has fields that are not known, and are taken to change nothing that the model computes: {}",
                    unknown.stream().limit(MOST_NAMED).map(Printable::quoted).collect(Collectors.joining(", "))
                            + (unknown.size() > MOST_NAMED ? " and " + (unknown.size() - MOST_NAMED) + " more" : ""));
        }
    }

    private static IllegalArgumentException wrong(String name, String rule, JsonNode value) {
        return new IllegalArgumentException(
                "'" + name + "' must be " + rule + ", got " + Printable.line(value.toString()));
    }
}
