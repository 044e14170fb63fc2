/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.amend4j.internal.names.NamePattern;
import org.amend4j.lora.config.LoraConfig;

/** Rank and alpha of each module, from the configuration's general values and its patterns. */
final class ForeignScaling {
    private final Path file;
    private final LoraConfig config;
    private final Map<String, Integer> ranks;
    private final Map<String, Double> alphas;

    ForeignScaling(JsonFields peft) throws AdapterFormatException {
        file = peft.file();
        Map<String, Integer> none = Map.of();
        ranks = peft.has("rank_pattern") ? peft.integerMap("rank_pattern") : none;
        alphas = peft.has("alpha_pattern") ? peft.numberMap("alpha_pattern") : Map.of();
        config = general(peft);
    }

    private static LoraConfig general(JsonFields peft) throws AdapterFormatException {
        JsonNode init = PeftKeys.value(peft, PeftInit.KEY);
        try {
            return LoraConfig.of(
                            peft.has("r") ? peft.integer("r") : 8,
                            peft.has("lora_alpha") ? peft.number("lora_alpha") : 8)
                    .withRsLora(peft.has("use_rslora") && peft.bool("use_rslora"))
                    .withDropout(peft.has("lora_dropout") ? peft.number("lora_dropout") : 0)
                    .withInit(PeftInit.of(init))
                    .withScheme(PeftScheme.of(peft));
        } catch (IllegalArgumentException e) {
            throw new AdapterFormatException(peft.file(), String.valueOf(e.getMessage()), e);
        }
    }

    LoraConfig config() {
        return config;
    }

    int rank(String module) throws AdapterFormatException {
        int rank = value("rank_pattern", ranks, module, config.rank());
        if (rank < 1) {
            throw new AdapterFormatException(file, "the rank of module '" + module + "' must be >= 1, got " + rank);
        }
        return rank;
    }

    double alpha(String module) throws AdapterFormatException {
        return value("alpha_pattern", alphas, module, config.alpha());
    }

    private <V> V value(String what, Map<String, V> patterns, String module, V general) throws AdapterFormatException {
        Set<V> values = new HashSet<>();
        try {
            for (Map.Entry<String, V> pattern : patterns.entrySet()) {
                if (NamePattern.untrusted(what, pattern.getKey()).matches(module)) {
                    values.add(pattern.getValue());
                }
            }
        } catch (IllegalArgumentException e) {
            throw new AdapterFormatException(file, String.valueOf(e.getMessage()), e);
        }
        if (values.size() > 1) {
            throw new AdapterFormatException(
                    file, "the keys of " + what + " must agree on '" + module + "', got " + values);
        }
        return values.isEmpty() ? general : values.iterator().next();
    }
}
