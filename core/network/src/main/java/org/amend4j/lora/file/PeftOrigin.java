/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.util.Map;
import java.util.TreeMap;
import org.amend4j.safetensors.DType;

/** What a file that PEFT wrote says beside what we understand of it, so that it can be written as it was. */
public final class PeftOrigin {
    private final JsonFields config;
    private final Blueprint blueprint;
    private final Map<String, DType> types;

    /**
     * @param config its configuration
     * @param blueprint what was understood of it
     * @param types the types of its tensors, by the keys under which they would be written
     */
    PeftOrigin(JsonFields config, Blueprint blueprint, Map<String, DType> types) {
        this.config = config;
        this.blueprint = blueprint;
        this.types = Map.copyOf(types);
    }

    /** Type of a tensor in the file; F32 if it was not there. */
    DType type(String key) {
        return types.getOrDefault(key, DType.F32);
    }

    /**
     * The text of {@code adapter_config.json} for what the adapter is now: the file's own where it has the same layers and
     * settings, whatever the values; else ours, with the file's entries that do not matter here, such as the base's name.
     */
    String configText(AdapterContent content) {
        if (Blueprint.of(content).equals(blueprint)) {
            return config.text();
        }
        Map<String, Object> keys = new TreeMap<>();
        PeftConfig.of(content).forEach((key, value) -> keys.put(key, StrictJson.tree(value)));
        for (String key : config.names()) {
            if (!PeftConfig.isSemantic(key)) {
                keys.put(key, PeftKeys.value(config, key));
            }
        }
        return StrictJson.pretty(keys);
    }
}
