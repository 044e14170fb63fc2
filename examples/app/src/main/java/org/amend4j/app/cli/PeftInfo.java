/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.amend4j.app.job.Report;
import org.amend4j.app.lora.LayerMaps;
import org.amend4j.lora.file.AdapterSummary;
import org.amend4j.safetensors.Printable;

/** What an adapter that PEFT wrote holds, in facts and words. */
final class PeftInfo {

    private PeftInfo() {}

    static Report of(AdapterSummary adapter) {
        List<Adapted> adapted = new ArrayList<>();
        List<String> inFull = new ArrayList<>();
        List<Tokens> tokens = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (AdapterSummary.Module module : adapter.modules()) {
            if (module.adapted()) {
                adapted.add(new Adapted(module.name(), module.rank(), module.scaling(), module.parameters()));
                text.append(String.format(
                        Locale.ROOT,
                        "%n  %-48s rank %d, scaling %.4g",
                        Printable.line(module.name()),
                        module.rank(),
                        module.scaling()));
            } else if (!module.tokens().isEmpty()) {
                Tokens trained = new Tokens(module.name(), module.tokens(), module.parameters());
                tokens.add(trained);
                text.append(
                        String.format(Locale.ROOT, "%n  %-48s %s", Printable.line(trained.name()), trained.words()));
            } else {
                inFull.add(module.name());
                text.append(String.format(Locale.ROOT, "%n  %-48s trained in full", Printable.line(module.name())));
            }
        }
        adapter.obstacles()
                .forEach(obstacle -> text.append(String.format(Locale.ROOT, "%ncannot be loaded: %s", obstacle)));
        Facts facts = new Facts(
                "peft adapter",
                adapter.peftVersion().orElse(""),
                Configured.of(adapter),
                adapted,
                inFull,
                tokens,
                adapter.obstacles());
        return new Report(facts, heading(adapter) + text + closing(adapter))
                .showing(LayerMaps.of(
                        adapter.modules().stream().map(PeftInfo::onMap).toList()));
    }

    /**
     * For JSON.
     *
     * @param obstacles to loading it, a sentence each
     */
    private record Facts(
            String kind,
            String peftVersion,
            @JsonUnwrapped Configured configured,
            List<Adapted> adapted,
            List<String> trainedInFull,
            List<Tokens> trainedTokens,
            List<String> obstacles) {}

    private record Configured(int rank, double alpha, boolean rsLora, String init) {

        static Configured of(AdapterSummary adapter) {
            return new Configured(adapter.rank(), adapter.alpha(), adapter.rsLora(), adapter.init());
        }
    }

    /** A layer that an adapter is on, by the name that the adapter has for it. */
    record Adapted(String name, int rank, double scaling, long parameters) {

        LayerMaps.Trained onMap() {
            return LayerMaps.Trained.adapted(name, rank, scaling, parameters);
        }
    }

    /** Trained tokens of an embedding. */
    record Tokens(String name, List<Integer> tokens, long parameters) {

        /** So many are named. */
        private static final int FEW = 8;

        String words() {
            String some = tokens.stream().limit(FEW).map(String::valueOf).collect(Collectors.joining(", "));
            String more = tokens.size() > FEW ? " and " + (tokens.size() - FEW) + " more" : "";
            return String.format(Locale.ROOT, "trained tokens %s%s, %,d parameters", some, more, parameters);
        }

        LayerMaps.Trained onMap() {
            return LayerMaps.Trained.tokens(name, tokens.size(), parameters);
        }
    }

    private static LayerMaps.Trained onMap(AdapterSummary.Module module) {
        if (!module.tokens().isEmpty()) {
            return LayerMaps.Trained.tokens(module.name(), module.tokens().size(), module.parameters());
        }
        return module.adapted()
                ? LayerMaps.Trained.adapted(module.name(), module.rank(), module.scaling(), module.parameters())
                : LayerMaps.Trained.inFull(module.name(), module.parameters());
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
