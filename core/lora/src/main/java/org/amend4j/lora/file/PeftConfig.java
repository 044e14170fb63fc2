/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.amend4j.internal.names.NamePattern;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.TorchLayer;
import org.amend4j.safetensors.Printable;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/** The file {@code adapter_config.json}: what PEFT reads of an adapter's configuration. */
final class PeftConfig {
    private static final Logger LOG = LogManager.getLogger(PeftConfig.class);
    private static final String WHAT = "the configuration";
    private static final Set<String> TASKS =
            Set.of("SEQ_CLS", "SEQ_2_SEQ_LM", "CAUSAL_LM", "TOKEN_CLS", "QUESTION_ANS", "FEATURE_EXTRACTION");

    /** Keys in which the file must agree with what was saved beside the tensors. */
    private static final List<String> SEMANTIC = List.of(
            "alpha_pattern",
            "bias",
            "exclude_modules",
            "fan_in_fan_out",
            "init_lora_weights",
            "layers_pattern",
            "layers_to_transform",
            "lora_alpha",
            "lora_bias",
            "lora_dropout",
            "modules_to_save",
            "peft_type",
            "r",
            "rank_pattern",
            "target_modules",
            "trainable_token_indices",
            "use_dora",
            "use_rslora");

    private PeftConfig() {}

    /** The text of the file for this adapter. */
    static String text(AdapterContent content, ModuleNaming naming) {
        return content.origin()
                .map(origin -> origin.ours(content, naming))
                .orElseGet(() -> StrictJson.pretty(of(content, naming)));
    }

    static Map<String, JsonNode> nodes(AdapterContent content, ModuleNaming naming) {
        Map<String, JsonNode> nodes = new TreeMap<>();
        of(content, naming).forEach((key, value) -> nodes.put(key, StrictJson.tree(value)));
        return nodes;
    }

    /**
     * Reads the file, refusing what is not a LoRA configuration we can compute.
     *
     * @throws AdapterFormatException if it breaks a rule
     */
    static JsonFields load(Path file) throws IOException {
        JsonFields config = parse(file);
        List<String> obstacles = PeftKeys.obstacles(config);
        if (!obstacles.isEmpty()) {
            throw new AdapterFormatException(file, obstacles.get(0));
        }
        List<String> unheardOf = PeftKeys.unheardOf(config);
        if (!unheardOf.isEmpty()) {
            LOG.warn(
                    "ignoring what this release does not know in {}: {}",
                    file,
                    unheardOf.stream().map(Printable::quoted).limit(8).collect(Collectors.joining(", ")));
        }
        return config;
    }

    /**
     * Reads the file, refusing what is not a LoRA configuration.
     *
     * @throws AdapterFormatException if it breaks a rule
     */
    static JsonFields parse(Path file) throws IOException {
        JsonFields config = StrictJson.read(file, WHAT);
        check(config);
        return config;
    }

    /**
     * Compares the file with what the adapter's own record says it must hold.
     *
     * @throws AdapterFormatException naming the first key that differs
     */
    static void requireAgreement(JsonFields config, AdapterContent content, ModuleNaming naming)
            throws AdapterFormatException {
        Map<String, @Nullable Object> expected = of(content, naming);
        for (String key : SEMANTIC) {
            JsonNode wanted = StrictJson.tree(expected.get(key));
            JsonNode found = PeftKeys.value(config, key);
            if (!same(wanted, found)) {
                throw new AdapterFormatException(
                        config.file(),
                        "'" + key + "' must agree with the record beside the tensors, which says "
                                + Printable.line(wanted.toString()) + ", got " + found);
            }
        }
    }

    private static void check(JsonFields config) throws AdapterFormatException {
        if (!config.has("peft_type")) {
            throw new AdapterFormatException(config.file(), "'peft_type' is missing");
        }
        String type = config.text("peft_type");
        if (!type.equals(PeftTypes.LORA)) {
            throw new AdapterFormatException(config.file(), PeftTypes.refusal(type));
        }
        if (config.has("task_type") && !TASKS.contains(config.text("task_type"))) {
            throw new AdapterFormatException(
                    config.file(), "'task_type' must be one of PEFT's, got '" + config.text("task_type") + "'");
        }
    }

    /** Whether a key says what an adapter is, and not where it comes from. */
    static boolean isSemantic(String key) {
        return SEMANTIC.contains(key);
    }

    static Map<String, @Nullable Object> of(AdapterContent content, ModuleNaming naming) {
        LoraConfig config = content.config();
        Map<String, @Nullable Object> keys = PeftKeys.defaults();
        keys.put("alpha_pattern", pattern(content, naming, config.alpha(), AdapterSpec::alpha));
        keys.put("exclude_modules", config.exclusions().isEmpty() ? null : naming.of(config.exclusions()));
        keys.put("fan_in_fan_out", hasConv1d(content));
        keys.put("inference_mode", true);
        keys.put(PeftInit.KEY, PeftInit.value(config.init()));
        keys.put("lora_alpha", shortest(config.alpha()));
        keys.put("lora_dropout", config.dropout());
        List<String> saved = content.fullLayers().stream()
                .filter(layer -> layer.kind() != TorchLayer.OTHER)
                .map(FullLayer::vertex)
                .map(naming::of)
                .toList();
        keys.put("modules_to_save", saved.isEmpty() ? null : saved);
        keys.put("peft_type", PeftTypes.LORA);
        keys.put("r", config.rank());
        keys.put("rank_pattern", pattern(content, naming, config.rank(), AdapterSpec::rank));
        keys.put(
                "target_modules",
                content.factors().stream()
                        .filter(LayerFactors::isPeft)
                        .map(LayerFactors::vertex)
                        .map(naming::of)
                        .toList());
        keys.put("trainable_token_indices", content.tokens().isEmpty() ? null : tokens(content, naming));
        keys.put("use_rslora", config.rsLora());
        PeftScheme.put(config.scheme(), keys);
        return keys;
    }

    /** PEFT finds this out by itself, with a warning. */
    private static boolean hasConv1d(AdapterContent content) {
        return content.factors().stream()
                .filter(LayerFactors::isPeft)
                .anyMatch(layer -> Conv1dModules.contain(layer.vertex()));
    }

    private static Map<String, List<Integer>> tokens(AdapterContent content, ModuleNaming naming) {
        return content.tokens().stream()
                .collect(Collectors.toMap(some -> naming.of(some.vertex()), TrainedTokens::indices));
    }

    private interface Value {
        Number of(AdapterSpec spec);
    }

    /** Exact names instead of the user's patterns, which then need not be evaluated again. */
    private static Map<String, Object> pattern(
            AdapterContent content, ModuleNaming naming, double general, Value value) {
        Map<String, Object> pattern = new TreeMap<>();
        for (LayerFactors layer : content.factors()) {
            double own = value.of(layer.spec()).doubleValue();
            if (own != general && layer.isPeft()) {
                pattern.put(NamePattern.exactly(naming.of(layer.vertex())), shortest(own));
            }
        }
        return pattern;
    }

    private static Object shortest(double value) {
        boolean integral = value == Math.rint(value) && Math.abs(value) < 1L << 53;
        return integral ? (Object) (long) value : value;
    }

    /** Equal as PEFT sees it: 16 is 16.0, and lists of names are sets. */
    static boolean same(JsonNode a, JsonNode b) {
        if (a.isNumber() && b.isNumber()) {
            return a.doubleValue() == b.doubleValue();
        }
        if (a.isArray() && b.isArray()) {
            return a.size() == b.size() && elements(a).equals(elements(b));
        }
        if (a.isObject() && b.isObject() && a.size() == b.size()) {
            return a.properties().stream()
                    .allMatch(entry -> b.has(entry.getKey()) && same(entry.getValue(), b.get(entry.getKey())));
        }
        return a.equals(b);
    }

    private static Set<JsonNode> elements(JsonNode array) {
        Set<JsonNode> elements = new HashSet<>();
        array.forEach(elements::add);
        return elements;
    }
}
