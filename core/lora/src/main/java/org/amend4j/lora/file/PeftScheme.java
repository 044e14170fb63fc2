/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import org.amend4j.lora.config.BiasMode;
import org.amend4j.lora.config.Dora;
import org.amend4j.lora.config.Scheme;
import org.jspecify.annotations.Nullable;

/** A scheme as PEFT's configuration says it. The file does not tell how a magnitude is trained: PEFT has one way. */
final class PeftScheme {
    private static final Map<BiasMode, String> BIAS =
            Map.of(BiasMode.NONE, "none", BiasMode.ADAPTED, "lora_only", BiasMode.ALL, "all");

    private PeftScheme() {}

    /** @throws IllegalArgumentException if the parts do not go together */
    static Scheme of(JsonFields peft) throws AdapterFormatException {
        JsonNode bias = PeftKeys.value(peft, "bias");
        BiasMode mode = BIAS.entrySet().stream()
                .filter(entry -> entry.getValue().equals(bias.asText()))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow(() ->
                        new AdapterFormatException(peft.file(), "'bias' must be none, lora_only or all, got " + bias));
        return new Scheme(isOn(peft, "use_dora") ? Dora.DETACHED_NORM : Dora.NONE, mode, isOn(peft, "lora_bias"));
    }

    static void put(Scheme scheme, Map<String, @Nullable Object> keys) {
        keys.put("bias", BIAS.get(scheme.bias()));
        keys.put("lora_bias", scheme.biasOnB());
        keys.put("use_dora", scheme.hasMagnitude());
    }

    private static boolean isOn(JsonFields peft, String key) throws AdapterFormatException {
        return peft.has(key) && peft.bool(key);
    }
}
