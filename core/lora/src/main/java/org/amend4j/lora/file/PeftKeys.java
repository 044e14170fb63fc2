/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.amend4j.safetensors.Printable;
import org.jspecify.annotations.Nullable;

/**
 * The keys of PEFT's LoRA configuration (0.20), their defaults, and what becomes of them.
 *
 * <p>A key that changes what is computed, and that we do not compute, must be null, false or PEFT's default. Of an unknown
 * key only the value can be judged: PEFT switches its features on by {@code true}, an object or a list, and sets
 * them by numbers and texts. So null, false and empty values are accepted silently, numbers and texts with a warning, and
 * the rest is refused.
 */
final class PeftKeys {
    /** What each key would change, and what helps. */
    private static final Map<String, String> UNSUPPORTED = unsupported();

    /** Where an adapter started: {@code init_lora_weights} says whether that matters. Others concern only how PEFT runs. */
    private static final Set<String> HARMLESS =
            Set.of("peft_type", "peft_version", "lora_ga_config", "runtime_config", "merge_weights");

    private static final Map<String, JsonNode> DEFAULTS = defaultNodes();

    private PeftKeys() {}

    /** Value of a key, or PEFT's default for it. */
    static JsonNode value(JsonFields config, String key) {
        return config.node(key, fallback(key));
    }

    private static JsonNode fallback(String key) {
        return DEFAULTS.getOrDefault(key, StrictJson.tree(null));
    }

    /** Every reason why an adapter with this configuration cannot be loaded, in sentences without a full stop. */
    static List<String> obstacles(JsonFields config) {
        List<String> obstacles = new ArrayList<>();
        UNSUPPORTED.forEach((key, reason) -> {
            JsonNode found = value(config, key);
            if (!isOff(found) && !PeftConfig.same(fallback(key), found)) {
                obstacles.add(
                        "'" + key + "' is not supported, got " + Printable.line(found.toString()) + ": " + reason);
            }
        });
        PeftInit.obstacle(value(config, PeftInit.KEY)).ifPresent(obstacles::add);
        for (String key : unheardOf(config)) {
            JsonNode found = value(config, key);
            if (found.isContainerNode() || found.isBoolean()) {
                obstacles.add(Printable.quoted(key) + " is a key this release does not know, got "
                        + Printable.line(found.toString())
                        + ": if it does not change what the adapter computes, remove it from the file");
            }
        }
        return Collections.unmodifiableList(obstacles);
    }

    /** Keys this release does not know and whose values are not empty, in order. */
    static List<String> unheardOf(JsonFields config) {
        return config.names().stream()
                .filter(key -> !DEFAULTS.containsKey(key) && !HARMLESS.contains(key) && !UNSUPPORTED.containsKey(key))
                .filter(key -> !isEmpty(value(config, key)))
                .toList();
    }

    private static boolean isOff(JsonNode node) {
        return node.isNull() || (node.isBoolean() && !node.booleanValue());
    }

    private static boolean isEmpty(JsonNode node) {
        return isOff(node)
                || (node.isContainerNode() && node.isEmpty())
                || (node.isTextual() && node.textValue().isEmpty());
    }

    private static Map<String, String> unsupported() {
        Map<String, String> reasons = new TreeMap<>();
        reasons.put("alora_invocation_tokens", "the adapter would be on for some tokens only");
        reasons.put("arrow_config", "several adapters would be mixed, token by token");
        reasons.put("enable_lora", "the factors of several projections are packed into one");
        reasons.put("kasa_config", "the base is changed and a diagonal lies between the factors; " + PeftTypes.MERGE);
        reasons.put("layer_replication", "layers of the base would be repeated");
        reasons.put("loftq_config", "the base would be quantised; " + PeftTypes.MERGE);
        reasons.put("megatron_config", "layers would be spread over machines");
        reasons.put("monteclora_config", "factors would be sampled; " + PeftTypes.MERGE);
        reasons.put(
                "target_parameters",
                "parameters outside linear layers and convolutions have adapters; " + PeftTypes.MERGE);
        reasons.put("use_bdlora", "the factors are block-diagonal; " + PeftTypes.MERGE);
        reasons.put("use_qalora", "the factors belong to a quantised base, and PEFT does not merge them either");
        reasons.put("velora_config", "activations would be compressed in training; " + PeftTypes.MERGE);
        return Collections.unmodifiableMap(reasons);
    }

    /** What PEFT 0.18 writes for an adapter without options; newer keys may be missing, PEFT takes them at these values. */
    static Map<String, @Nullable Object> defaults() {
        Map<String, @Nullable Object> keys = new TreeMap<>();
        for (String key : Arrays.asList(
                "alora_invocation_tokens",
                "arrow_config",
                "auto_mapping",
                "base_model_name_or_path",
                "corda_config",
                "eva_config",
                "exclude_modules",
                "layer_replication",
                "layers_pattern",
                "layers_to_transform",
                "megatron_config",
                "modules_to_save",
                "revision",
                "target_modules",
                "target_parameters",
                "task_type",
                "trainable_token_indices")) {
            keys.put(key, null);
        }
        for (String key : List.of("alpha_pattern", "loftq_config", "rank_pattern")) {
            keys.put(key, Map.of());
        }
        for (String key : List.of(
                "ensure_weight_tying",
                "fan_in_fan_out",
                "inference_mode",
                "lora_bias",
                "use_dora",
                "use_qalora",
                "use_rslora")) {
            keys.put(key, false);
        }
        keys.put("bias", "none");
        keys.put(PeftInit.KEY, true);
        keys.put("lora_alpha", 8);
        keys.put("lora_dropout", 0.0);
        keys.put("megatron_core", "megatron.core");
        keys.put("qalora_group_size", 16);
        keys.put("r", 8);
        return keys;
    }

    private static Map<String, JsonNode> defaultNodes() {
        Map<String, JsonNode> nodes = new TreeMap<>();
        defaults().forEach((key, value) -> nodes.put(key, StrictJson.tree(value)));
        return nodes;
    }
}
