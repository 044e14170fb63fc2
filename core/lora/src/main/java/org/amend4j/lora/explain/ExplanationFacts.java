/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.explain;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** An explanation as maps and lists; what is not known is no field. */
final class ExplanationFacts {

    private ExplanationFacts() {}

    static Map<String, Object> of(LoraExplanation all) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("base", all.base().sha256());
        facts.put("baseParameters", all.base().parameters() - all.base().copied());
        facts.put("bytesPerValue", all.base().bytesPerValue());
        facts.put("baseBytes", all.base().bytes());
        facts.put("packedBytesAtMost", all.base().mostPackedBytes());
        facts.put("inputs", all.base().inputs());
        facts.put("outputs", all.base().outputs());
        facts.put("trainableParameters", all.adapted().parameters());
        facts.put("totalParameters", all.total());
        facts.put("trainablePercent", all.trainablePercent());
        facts.put(
                "vertices",
                all.vertices().stream().map(ExplanationFacts::vertex).toList());
        facts.put("adapted", needs(all.adapted()));
        facts.put("fullFineTuning", needs(all.fullFineTuning()));
        facts.put("unknown", all.unknown());
        facts.put("notes", all.notes());
        return facts;
    }

    private static Map<String, Object> vertex(ExplainedVertex vertex) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("name", vertex.name());
        facts.put("type", vertex.type());
        facts.put("inputs", vertex.inputs());
        facts.put("status", vertex.status().name().toLowerCase(Locale.ROOT));
        facts.put("parameters", vertex.parameters());
        facts.put("trained", vertex.trained());
        facts.put(
                "adapters",
                vertex.adapters().stream().map(ExplanationFacts::adapter).toList());
        if (!vertex.note().isEmpty()) {
            facts.put("note", vertex.note());
        }
        return facts;
    }

    private static Map<String, Object> adapter(ExplainedAdapter one) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("weight", one.name());
        facts.put("rows", one.weight().rows());
        facts.put("columns", one.weight().columns());
        facts.put("rank", one.weight().adapter().rank());
        facts.put("alpha", one.weight().adapter().alpha());
        facts.put("scaling", one.weight().adapter().scaling());
        one.firstStep().ifPresent(factor -> facts.put("firstStep", factor));
        facts.put("trained", one.weight().parameters());
        facts.put("way", one.way().name().toLowerCase(Locale.ROOT));
        facts.put("reason", one.way().reason());
        facts.put("peftExact", one.peftExact());
        if (!one.peftExact()) {
            facts.put("peft", one.peft());
        }
        return facts;
    }

    private static Map<String, Object> needs(TrainingNeeds needs) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("parameters", needs.parameters());
        facts.put("gradient", needs.parameters());
        facts.put("copies", needs.copies());
        facts.put("updaterState", needs.updaterState());
        needs.activations().ifPresent(values -> facts.put("activationsPerExample", values));
        needs.cost().ifPresent(cost -> facts.put("multiplyAdds", cost(cost)));
        return facts;
    }

    private static Map<String, Long> cost(StepCost cost) {
        Map<String, Long> facts = new LinkedHashMap<>();
        facts.put("prefix", cost.prefix());
        facts.put("forward", cost.forward());
        facts.put("adaptersForward", cost.adaptersForward());
        facts.put("backward", cost.backward());
        facts.put("adaptersBackward", cost.adaptersBackward());
        facts.put("weightGradients", cost.weightGradients());
        facts.put("perExample", cost.perExample());
        facts.put("perStep", cost.perStep());
        return facts;
    }
}
