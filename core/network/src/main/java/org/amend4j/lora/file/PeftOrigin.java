/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.amend4j.safetensors.DType;
import org.amend4j.safetensors.TensorData;

/** What an adapter's files say, or are to say, beside what we understand of it, so that it can be written as it was. */
public final class PeftOrigin {

    private static final PeftOrigin NONE = new PeftOrigin(Map.of(), Optional.empty(), Map.of());

    private final Map<String, JsonNode> beside;
    private final Optional<Whole> whole;
    private final Map<String, DType> types;

    /**
     * A configuration that PEFT wrote.
     *
     * @param blueprint what was understood of it
     * @param modules PEFT's name of each vertex
     */
    private record Whole(String text, Blueprint blueprint, Map<String, String> modules) {}

    private PeftOrigin(Map<String, JsonNode> beside, Optional<Whole> whole, Map<String, DType> types) {
        this.beside = Collections.unmodifiableMap(new TreeMap<>(beside));
        this.whole = whole;
        this.types = Map.copyOf(types);
    }

    /**
     * Of a file that PEFT wrote.
     *
     * @param config its configuration
     * @param content what was understood of it
     * @param types the types of its tensors, by the keys under which they would be written
     * @param modules its name of each vertex
     */
    static PeftOrigin ofPeft(
            JsonFields config, AdapterContent content, Map<String, DType> types, Map<String, String> modules) {
        Whole whole = new Whole(config.text(), Blueprint.of(content), Map.copyOf(modules));
        return new PeftOrigin(beside(config, content), Optional.of(whole), types);
    }

    /** Of a file of ours; empty if it says nothing beside. */
    static Optional<PeftOrigin> ofOurs(JsonFields config, AdapterContent content, Map<String, DType> types) {
        Map<String, JsonNode> beside = beside(config, content);
        boolean plain = beside.isEmpty() && types.values().stream().noneMatch(PeftOrigin::isHalf);
        return plain ? Optional.empty() : Optional.of(new PeftOrigin(beside, Optional.empty(), types));
    }

    private static boolean isHalf(DType type) {
        return type == DType.F16 || type == DType.BF16;
    }

    private static Map<String, JsonNode> beside(JsonFields config, AdapterContent content) {
        Map<String, JsonNode> ours = PeftConfig.nodes(content);
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
        return new PeftOrigin(beside, Optional.empty(), old.types);
    }

    /** Type of a tensor in the file; F32 if it was not there. */
    DType type(String key) {
        return types.getOrDefault(key, DType.F32);
    }

    /** Whether what PEFT wrote was of the same layers and settings, whatever the values. */
    private Optional<Whole> whole(AdapterContent content) {
        return whole.filter(some -> some.blueprint().isLike(Blueprint.of(content)));
    }

    /**
     * The text of {@code adapter_config.json} for what the adapter is now: the file's own where PEFT wrote it for the same layers and
     * settings, whatever the values; else {@linkplain #ours ours}.
     */
    String configText(AdapterContent content) {
        return whole(content).map(Whole::text).orElseGet(() -> ours(content));
    }

    /** Our text, with the file's entries that do not matter here, such as the base's name. */
    String ours(AdapterContent content) {
        Map<String, JsonNode> keys = PeftConfig.nodes(content);
        keys.putAll(beside);
        return StrictJson.pretty(keys);
    }

    /** Tensors by the names of modules that {@link #configText} speaks of, in PEFT's order. */
    List<TensorData> named(List<TensorData> tensors, AdapterContent content) {
        Optional<Whole> same = whole(content);
        return same.isEmpty()
                ? tensors
                : tensors.stream()
                        .map(tensor -> named(tensor, same.get().modules()))
                        .sorted(Comparator.comparing(TensorData::name))
                        .toList();
    }

    private static TensorData named(TensorData tensor, Map<String, String> modules) {
        String vertex = modules.keySet().stream()
                .filter(name -> tensor.name().startsWith(StoredTensor.PREFIX + name + "."))
                .max(Comparator.comparing(String::length))
                .orElseThrow(() -> new IllegalStateException("a tensor is of a layer: " + tensor.name()));
        String after = tensor.name().substring((StoredTensor.PREFIX + vertex).length());
        String name = StoredTensor.PREFIX + Objects.requireNonNull(modules.get(vertex), vertex) + after;
        return new TensorData(name, tensor.dtype(), tensor.shape(), tensor.content());
    }
}
