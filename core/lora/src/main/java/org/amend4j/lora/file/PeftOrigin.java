/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.amend4j.safetensors.DType;

/** What an adapter's files say, or are to say, beside what we understand of it, so that it can be written as it was. */
public final class PeftOrigin {

    private static final PeftOrigin NONE = new PeftOrigin(Map.of(), Optional.empty(), Map.of(), Optional.empty());

    private final Map<String, JsonNode> beside;
    private final Optional<Whole> whole;
    private final Map<String, DType> types;
    private final Optional<ModuleNames> names;

    /**
     * A configuration that PEFT wrote.
     *
     * @param blueprint what was understood of it
     * @param naming PEFT's name of each vertex
     */
    private record Whole(String text, Blueprint blueprint, ModuleNaming naming) {}

    private PeftOrigin(
            Map<String, JsonNode> beside,
            Optional<Whole> whole,
            Map<String, DType> types,
            Optional<ModuleNames> names) {
        this.beside = Collections.unmodifiableMap(new TreeMap<>(beside));
        this.whole = whole;
        this.types = Map.copyOf(types);
        this.names = names;
    }

    /**
     * Of a file that PEFT wrote.
     *
     * @param config its configuration
     * @param content what was understood of it
     * @param types the types of its tensors, by the keys under which they would be written
     * @param naming its name of each vertex
     */
    static PeftOrigin ofPeft(JsonFields config, AdapterContent content, Map<String, DType> types, ModuleNaming naming) {
        Whole whole = new Whole(config.text(), Blueprint.of(content), naming);
        return new PeftOrigin(beside(config, content), Optional.of(whole), types, Optional.empty());
    }

    /**
     * Of a file of ours; empty if it says nothing beside.
     *
     * @param types of its tensors, by the keys that they have where layers are called like their vertices
     */
    static Optional<PeftOrigin> ofOurs(JsonFields config, AdapterContent content, Map<String, DType> types) {
        Map<String, JsonNode> beside = beside(config, content);
        boolean plain = beside.isEmpty() && types.values().stream().noneMatch(PeftOrigin::isHalf);
        return plain
                ? Optional.empty()
                : Optional.of(new PeftOrigin(beside, Optional.empty(), types, Optional.empty()));
    }

    private static boolean isHalf(DType type) {
        return type == DType.F16 || type == DType.BF16;
    }

    private static Map<String, JsonNode> beside(JsonFields config, AdapterContent content) {
        Map<String, JsonNode> ours = PeftConfig.nodes(content, ModuleNaming.VERTICES);
        Map<String, JsonNode> beside = new TreeMap<>();
        for (String key : config.names()) {
            JsonNode value = PeftKeys.value(config, key);
            if (!PeftConfig.isSemantic(key) && !value.equals(ours.get(key))) {
                beside.put(key, value);
            }
        }
        return beside;
    }

    /** An adapter's, with its base as PEFT opens it, where nothing is said of that yet. */
    static PeftOrigin of(AdapterContent content, PeftBase base) {
        PeftOrigin old = content.origin().orElse(NONE);
        Map<String, JsonNode> entries = base.entries(
                content.fullLayers().stream().map(FullLayer::vertex).toList());
        if (entries.keySet().stream().anyMatch(old.beside::containsKey)) {
            return old;
        }
        Map<String, JsonNode> beside = new TreeMap<>(old.beside);
        beside.putAll(entries);
        return new PeftOrigin(beside, Optional.empty(), old.types, old.names);
    }

    /** An adapter's, with these names of modules. */
    static PeftOrigin of(AdapterContent content, ModuleNames names) {
        PeftOrigin old = content.origin().orElse(NONE);
        return new PeftOrigin(old.beside, old.whole, old.types, Optional.of(names));
    }

    /** The names of modules that were asked for. */
    Optional<ModuleNames> moduleNames() {
        return names;
    }

    /** Whether PEFT wrote the file. */
    boolean isOfPeft() {
        return whole.isPresent();
    }

    /** Type of a tensor in the file; F32 if it was not there. */
    DType type(String key) {
        return types.getOrDefault(key, DType.F32);
    }

    /**
     * What PEFT wrote, if it was of the same layers and settings, whatever the values, and calls modules as is asked now.
     *
     * @param asked empty where PEFT's names are to stay
     */
    private Optional<Whole> whole(AdapterContent content, ModuleNaming asked) {
        return whole.filter(some -> some.blueprint().isLike(Blueprint.of(content)))
                .filter(some -> names.isEmpty() || some.naming().isOf(asked));
    }

    /** PEFT's own names of all layers, where {@link #configText} is PEFT's own. */
    Optional<ModuleNaming> naming(AdapterContent content, ModuleNaming asked) {
        return whole(content, asked).map(Whole::naming);
    }

    /**
     * The text of {@code adapter_config.json} for what the adapter is now: the file's own where PEFT wrote it for the same layers and
     * settings, whatever the values; else {@linkplain #ours ours}.
     */
    String configText(AdapterContent content, ModuleNaming asked) {
        return whole(content, asked).map(Whole::text).orElseGet(() -> ours(content, asked));
    }

    /** Our text, with the file's entries that do not matter here, such as the base's name. */
    String ours(AdapterContent content, ModuleNaming naming) {
        Map<String, JsonNode> keys = PeftConfig.nodes(content, naming);
        keys.putAll(beside);
        return StrictJson.pretty(keys);
    }
}
