/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.amend4j.app.job.Report;
import org.amend4j.lora.file.AdapterSummary;

/** What an adapter that PEFT wrote holds, in facts and words. */
final class PeftInfo {

    private PeftInfo() {}

    static Report of(AdapterSummary adapter) {
        List<Map<String, Object>> adapted = new ArrayList<>();
        List<String> inFull = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (AdapterSummary.Module module : adapter.modules()) {
            if (module.adapted()) {
                adapted.add(facts(module));
                text.append(String.format(
                        Locale.ROOT,
                        "%n  %-48s rank %d, scaling %.4g",
                        module.name(),
                        module.rank(),
                        module.scaling()));
            } else {
                inFull.add(module.name());
                text.append(String.format(Locale.ROOT, "%n  %-48s trained in full", module.name()));
            }
        }
        adapter.obstacles()
                .forEach(obstacle -> text.append(String.format(Locale.ROOT, "%ncannot be loaded: %s", obstacle)));
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("kind", "peft adapter");
        facts.put("peftVersion", adapter.peftVersion().orElse(""));
        facts.put("rank", adapter.rank());
        facts.put("alpha", adapter.alpha());
        facts.put("rsLora", adapter.rsLora());
        facts.put("init", adapter.init());
        facts.put("adapted", adapted);
        facts.put("trainedInFull", inFull);
        facts.put("obstacles", adapter.obstacles());
        return new Report(facts, heading(adapter) + text + closing(adapter));
    }

    private static Map<String, Object> facts(AdapterSummary.Module module) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("name", module.name());
        facts.put("rank", module.rank());
        facts.put("scaling", module.scaling());
        facts.put("parameters", module.parameters());
        return facts;
    }

    private static String heading(AdapterSummary adapter) {
        return String.format(
                Locale.ROOT,
                "adapter in PEFT's layout%s: rank %d, alpha %s%s, start %s",
                adapter.peftVersion().map(version -> " (PEFT " + version + ")").orElse(""),
                adapter.rank(),
                adapter.alpha(),
                adapter.rsLora() ? ", scaled by alpha/sqrt(rank)" : "",
                adapter.init());
    }

    private static String closing(AdapterSummary adapter) {
        return adapter.obstacles().isEmpty()
                ? String.format(Locale.ROOT, "%n'amend4j lora import' makes it an adapter of a model of yours")
                : "";
    }
}
