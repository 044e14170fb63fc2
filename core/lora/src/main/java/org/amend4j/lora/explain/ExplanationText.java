/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.explain;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.amend4j.html.HtmlTable;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.safetensors.Printable;

/** An explanation in words and columns. */
final class ExplanationText {

    /** So many adapters have a line each in what is printed before training. */
    private static final int FEW = 8;

    /** What a column is. */
    static final String FIRST_STEP =
            "first step: s\u00b2\u00b7(|A|\u00b2 + |B|\u00b2), how many times as far as without an adapter the first step of SGD moves a weight at most";

    private ExplanationText() {}

    /** How far the first step goes, in a cell. */
    static String firstStep(ExplainedAdapter one) {
        return one.firstStep().map(HtmlTable::number).orElse("?");
    }

    static List<String> brief(LoraExplanation all) {
        List<String> lines = new ArrayList<>();
        if (all.adapters().size() <= FEW) {
            all.vertices()
                    .forEach(vertex -> vertex.adapters()
                            .forEach(one ->
                                    lines.add(line(one) + ", " + one.way().words())));
        } else {
            Map<String, Long> kinds = new LinkedHashMap<>();
            all.vertices()
                    .forEach(vertex -> vertex.adapters().forEach(one -> kinds.merge(kind(vertex, one), 1L, Long::sum)));
            kinds.forEach((kind, count) -> lines.add(count + " x " + kind));
        }
        all.vertices().stream()
                .filter(vertex -> vertex.trained() > 0 && vertex.adapters().isEmpty())
                .forEach(vertex -> lines.add(String.format(
                        Locale.ROOT, "'%s' %s: %,d parameters", vertex.name(), part(vertex), vertex.trained())));
        StartingStep.notes(all.adapters()).forEach(note -> lines.add("note: " + note));
        lines.add(all.summary());
        return lines.stream().map(Printable::line).toList();
    }

    private static String part(ExplainedVertex vertex) {
        return switch (vertex.status()) {
            case BIASES -> "in its biases";
            case TOKENS -> "in tokens " + vertex.note();
            case ADAPTED, TRAINED_IN_FULL, FROZEN, PREFIX -> "in full";
        };
    }

    private static String line(ExplainedAdapter one) {
        AdapterSpec spec = one.weight().adapter();
        return String.format(
                Locale.ROOT,
                "adapter on '%s' of %,d x %,d: rank %d, scaling %s, %,d parameters",
                one.name(),
                one.weight().rows(),
                one.weight().columns(),
                spec.rank(),
                HtmlTable.number(spec.scaling()),
                one.weight().parameters());
    }

    private static String kind(ExplainedVertex vertex, ExplainedAdapter one) {
        AdapterSpec spec = one.weight().adapter();
        return String.format(
                Locale.ROOT,
                "adapter on %s: rank %d, scaling %s, %s",
                vertex.type(),
                spec.rank(),
                HtmlTable.number(spec.scaling()),
                one.way().words());
    }

    static String table(LoraExplanation all) {
        Columns rows = new Columns();
        rows.row("layer", "type", "weight", "rank", "scaling", "first step", "trained", "how");
        for (ExplainedVertex vertex : all.vertices()) {
            for (ExplainedAdapter one : vertex.adapters()) {
                rows.row(
                        one.name(),
                        vertex.type(),
                        one.weight().rows() + " x " + one.weight().columns(),
                        Integer.toString(one.weight().adapter().rank()),
                        HtmlTable.number(one.weight().adapter().scaling()),
                        firstStep(one),
                        whole(one.weight().parameters()),
                        one.way().words() + (one.peftExact() ? "; as PEFT" : "; " + one.peft()));
            }
            if (vertex.adapters().isEmpty() && vertex.parameters() > 0) {
                rows.row(
                        vertex.name(),
                        vertex.type(),
                        whole(vertex.parameters()) + " values",
                        "",
                        "",
                        "",
                        vertex.trained() == 0 ? "" : whole(vertex.trained()),
                        vertex.words() + (vertex.note().isEmpty() ? "" : "; " + vertex.note()));
            }
        }
        List<String> lines = new ArrayList<>(rows.lines());
        if (!all.adapters().isEmpty()) {
            lines.add("  " + FIRST_STEP);
        }
        lines.add("");
        lines.add(all.summary());
        lines.add("");
        Columns needs = new Columns();
        needs(all).forEach(needs::row);
        lines.addAll(needs.lines());
        all.unknown().forEach(why -> lines.add("not known: " + Printable.line(why)));
        all.notes().forEach(note -> lines.add("note: " + Printable.line(note)));
        return lines.stream().map(String::stripTrailing).collect(Collectors.joining("\n"));
    }

    /** What training takes: the base, and the rest beside what it would take in full. */
    static Map<String, String> needs(LoraExplanation all) {
        Map<String, String> needs = new LinkedHashMap<>();
        TrainingNeeds own = all.adapted();
        TrainingNeeds full = all.fullFineTuning();
        int width = all.base().bytesPerValue();
        needs.put("weights of the base, bytes", whole(all.base().bytes()));
        if (all.base().mostPackedBytes() > 0) {
            needs.put("packed again for the CPU, bytes, about", whole(all.base().mostPackedBytes()));
        }
        needs.put("trained parameters, bytes", beside(own.parameters() * width, full.parameters() * width));
        needs.put("gradient, bytes", beside(own.parameters() * width, full.parameters() * width));
        for (Map.Entry<Long, String> state : byState(own).entrySet()) {
            long times = state.getKey() / Math.max(1, own.parameters());
            needs.put(
                    "state of " + state.getValue() + ", bytes",
                    beside(state.getKey() * width, times * full.parameters() * width));
        }
        if (own.copies() > 0) {
            needs.put("copies of weights, bytes", beside(own.copies() * width, 0));
        }
        if (own.activations().isPresent() && full.activations().isPresent()) {
            needs.put(
                    "activations per example, bytes",
                    beside(own.activations().get() * width, full.activations().get() * width));
        }
        if (own.cost().isPresent() && full.cost().isPresent()) {
            cost(needs, own.cost().get(), full.cost().get());
        }
        return needs;
    }

    private static void cost(Map<String, String> needs, StepCost own, StepCost full) {
        needs.put("multiply-adds per example", beside(own.perExample(), full.perExample()));
        if (own.prefix() > 0) {
            needs.put("  before the first that trains", beside(own.prefix(), full.prefix()));
        }
        needs.put("  base, forward", beside(own.forward(), full.forward()));
        needs.put("  base, backward", beside(own.backward(), full.backward()));
        needs.put("  gradients of weights", beside(own.weightGradients(), full.weightGradients()));
        needs.put("  adapters", beside(own.adaptersForward() + own.adaptersBackward(), 0));
        if (own.perStep() > 0) {
            needs.put("multiply-adds per step", beside(own.perStep(), 0));
        }
    }

    /** Updaters by what they keep; those that keep as much are named together. */
    private static Map<Long, String> byState(TrainingNeeds needs) {
        Map<Long, String> names = new TreeMap<>();
        needs.updaterState().forEach((name, state) -> names.merge(state, name, (one, two) -> one + ", " + two));
        names.remove(0L);
        return names;
    }

    private static String beside(long own, long full) {
        return whole(own) + (full == 0 ? "" : " (everything trained: " + whole(full) + ")");
    }

    private static String whole(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    /** Lines whose cells stand below one another. */
    private static final class Columns {

        private final List<List<String>> rows = new ArrayList<>();

        void row(String... cells) {
            rows.add(Stream.of(cells).map(Printable::line).toList());
        }

        List<String> lines() {
            List<String> lines = new ArrayList<>();
            for (List<String> row : rows) {
                StringBuilder line = new StringBuilder("  ");
                for (int column = 0; column < row.size(); column++) {
                    line.append(row.get(column))
                            .append(" "
                                    .repeat(2 + widest(column) - row.get(column).length()));
                }
                lines.add(line.toString());
            }
            return lines;
        }

        private int widest(int column) {
            return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
        }
    }
}
