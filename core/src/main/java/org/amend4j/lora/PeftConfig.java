package org.amend4j.lora;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.amend4j.safetensors.Printable;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/** The file {@code adapter_config.json}: what PEFT reads of an adapter's configuration. */
final class PeftConfig {
    private static final Logger LOG = LogManager.getLogger(PeftConfig.class);
    private static final int LARGEST = 1 << 24;
    private static final String WHAT = "the configuration";
    private static final Set<String> TASKS =
            Set.of("SEQ_CLS", "SEQ_2_SEQ_LM", "CAUSAL_LM", "TOKEN_CLS", "QUESTION_ANS", "FEATURE_EXTRACTION");

    /** Keys that must have PEFT's default: they change what is computed, and we do not compute it. */
    private static final List<String> UNSUPPORTED = List.of(
            "alora_invocation_tokens",
            "arrow_config",
            "bias",
            "layer_replication",
            "loftq_config",
            "lora_bias",
            "megatron_config",
            "target_parameters",
            "trainable_token_indices",
            "use_dora",
            "use_qalora");
    /** Keys in which the file must agree with what was saved beside the tensors. */
    private static final List<String> SEMANTIC = List.of(
            "alpha_pattern",
            "exclude_modules",
            "fan_in_fan_out",
            "init_lora_weights",
            "layers_pattern",
            "layers_to_transform",
            "lora_alpha",
            "lora_dropout",
            "modules_to_save",
            "peft_type",
            "r",
            "rank_pattern",
            "target_modules",
            "use_rslora");

    private static final Map<String, JsonNode> DEFAULTS = defaults();

    private PeftConfig() {}

    /** The text of the file for this adapter. */
    static String text(AdapterContent content) {
        return StrictJson.pretty(of(content));
    }

    /**
     * Reads the file, refusing what is not a LoRA configuration we can compute.
     *
     * @throws AdapterFormatException if it breaks a rule
     */
    static JsonFields load(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new AdapterFormatException(file, "must be an existing regular file");
        }
        if (Files.size(file) > LARGEST) {
            throw new AdapterFormatException(file, "must have at most " + LARGEST + " bytes, got " + Files.size(file));
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new AdapterFormatException(file, "must be UTF-8", e);
        }
        JsonFields config = StrictJson.object(file, WHAT, text);
        check(config);
        return config;
    }

    /**
     * Compares the file with what the adapter's own record says it must hold.
     *
     * @throws AdapterFormatException naming the first key that differs
     */
    static void requireAgreement(JsonFields config, AdapterContent content) throws AdapterFormatException {
        Map<String, @Nullable Object> expected = of(content);
        for (String key : SEMANTIC) {
            JsonNode wanted = StrictJson.tree(expected.get(key));
            JsonNode found = value(config, key);
            if (!same(wanted, found)) {
                throw new AdapterFormatException(
                        config.file(),
                        "'" + key + "' must agree with the record beside the tensors, which says "
                                + Printable.line(wanted.toString()) + ", got " + found);
            }
        }
    }

    /** Value of a key, or PEFT's default for it. */
    static JsonNode value(JsonFields config, String key) {
        return config.node(key, StrictJson.tree(DEFAULTS.get(key)));
    }

    private static void check(JsonFields config) throws AdapterFormatException {
        if (!config.has("peft_type")) {
            throw new AdapterFormatException(config.file(), "'peft_type' is missing");
        }
        String type = config.text("peft_type");
        if (!type.equals("LORA")) {
            throw new AdapterFormatException(config.file(), "'peft_type' must be LORA, got '" + type + "'");
        }
        if (config.has("task_type") && !TASKS.contains(config.text("task_type"))) {
            throw new AdapterFormatException(
                    config.file(), "'task_type' must be one of PEFT's, got '" + config.text("task_type") + "'");
        }
        for (String key : UNSUPPORTED) {
            JsonNode found = value(config, key);
            if (!found.isNull() && !same(StrictJson.tree(DEFAULTS.get(key)), found)) {
                throw new AdapterFormatException(
                        config.file(), "'" + key + "' is not supported and must have PEFT's default, got " + found);
            }
        }
        JsonNode init = value(config, "init_lora_weights");
        if (!init.isBoolean() && !init.asText().equals("gaussian")) {
            throw new AdapterFormatException(
                    config.file(), "'init_lora_weights' must be true, false or gaussian, got " + init);
        }
        for (String key : config.names()) {
            if (!DEFAULTS.containsKey(key)) {
                LOG.warn("ignoring the unknown key {} in {}", Printable.quoted(key), config.file());
            }
        }
    }

    private static Map<String, @Nullable Object> of(AdapterContent content) {
        LoraConfig config = content.config();
        Map<String, @Nullable Object> keys = peftDefaults();
        keys.put("alpha_pattern", pattern(content, config.alpha(), AdapterSpec::alpha));
        keys.put("exclude_modules", config.exclusions().isEmpty() ? null : config.exclusions());
        keys.put("inference_mode", true);
        keys.put("init_lora_weights", config.init() == AdapterInit.DEFAULT ? (Object) true : "gaussian");
        keys.put("lora_alpha", shortest(config.alpha()));
        keys.put("lora_dropout", config.dropout());
        List<String> saved = content.fullLayers().stream()
                .filter(layer -> layer.kind() != FullLayer.Kind.OTHER)
                .map(FullLayer::vertex)
                .toList();
        keys.put("modules_to_save", saved.isEmpty() ? null : saved);
        keys.put("peft_type", "LORA");
        keys.put("r", config.rank());
        keys.put("rank_pattern", pattern(content, config.rank(), AdapterSpec::rank));
        keys.put(
                "target_modules",
                content.factors().stream().map(LayerFactors::vertex).toList());
        keys.put("use_rslora", config.rsLora());
        return keys;
    }

    private interface Value {
        Number of(AdapterSpec spec);
    }

    /** Exact names instead of the user's patterns, so that nobody has to evaluate those again. */
    private static Map<String, Object> pattern(AdapterContent content, double general, Value value) {
        Map<String, Object> pattern = new TreeMap<>();
        for (LayerFactors layer : content.factors()) {
            double own = value.of(layer.spec()).doubleValue();
            if (own != general) {
                pattern.put(exactly(layer.vertex()), shortest(own));
            }
        }
        return pattern;
    }

    /** A regular expression, for Java and for Python, that matches this name and no other. */
    static String exactly(String name) {
        return "^" + name.replaceAll("[\\\\.^$|?*+()\\[\\]{}]", "\\\\$0");
    }

    private static Object shortest(double value) {
        boolean integral = value == Math.rint(value) && Math.abs(value) < 1L << 53;
        return integral ? (Object) (long) value : value;
    }

    /** Equal as PEFT sees it: 16 is 16.0, and lists of names are sets. */
    private static boolean same(JsonNode a, JsonNode b) {
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

    private static Map<String, @Nullable Object> peftDefaults() {
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
        keys.put("init_lora_weights", true);
        keys.put("lora_alpha", 8);
        keys.put("lora_dropout", 0.0);
        keys.put("megatron_core", "megatron.core");
        keys.put("qalora_group_size", 16);
        keys.put("r", 8);
        return keys;
    }

    private static Map<String, JsonNode> defaults() {
        Map<String, JsonNode> nodes = new TreeMap<>();
        peftDefaults().forEach((key, value) -> nodes.put(key, StrictJson.tree(value)));
        nodes.put("peft_type", StrictJson.tree(null));
        nodes.put("peft_version", StrictJson.tree(null));
        return nodes;
    }
}
