package org.amend4j.lora;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Rank and alpha of each module, from the configuration's general values and its patterns. */
final class ForeignScaling {
    private final LoraConfig config;
    private final Map<String, Integer> ranks;
    private final Map<String, Double> alphas;

    ForeignScaling(JsonFields peft) throws AdapterFormatException {
        Map<String, Integer> none = Map.of();
        ranks = peft.has("rank_pattern") ? peft.integerMap("rank_pattern") : none;
        alphas = peft.has("alpha_pattern") ? peft.numberMap("alpha_pattern") : Map.of();
        JsonNode init = PeftKeys.value(peft, PeftInit.KEY);
        config = LoraConfig.of(
                        peft.has("r") ? peft.integer("r") : 8, peft.has("lora_alpha") ? peft.number("lora_alpha") : 8)
                .withRsLora(peft.has("use_rslora") && peft.bool("use_rslora"))
                .withDropout(peft.has("lora_dropout") ? peft.number("lora_dropout") : 0)
                .withInit(PeftInit.of(init));
    }

    LoraConfig config() {
        return config;
    }

    int rank(String module) {
        return Checks.atLeastOne(
                "the rank of module '" + module + "'", value("rank_pattern", ranks, module, config.rank()));
    }

    double alpha(String module) {
        return value("alpha_pattern", alphas, module, config.alpha());
    }

    private static <V> V value(String what, Map<String, V> patterns, String module, V general) {
        Set<V> values = new HashSet<>();
        for (Map.Entry<String, V> pattern : patterns.entrySet()) {
            if (NamePattern.untrusted(what, pattern.getKey()).matches(module)) {
                values.add(pattern.getValue());
            }
        }
        if (values.size() > 1) {
            throw new IllegalArgumentException(
                    "the keys of " + what + " must agree on '" + module + "', got " + values);
        }
        return values.isEmpty() ? general : values.iterator().next();
    }
}
