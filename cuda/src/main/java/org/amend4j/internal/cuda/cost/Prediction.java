/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.cost;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.amend4j.backend.ProductPrecision;

/** What some calls would take on a card, by a roofline: a prediction from counted work and data sheets, nothing measured. */
public final class Prediction {

    private final Roofline roofline;
    private final List<Call> calls;

    private Prediction(Roofline roofline, List<Call> calls) {
        this.roofline = roofline;
        this.calls = calls;
    }

    /**
     * For some calls on a card.
     *
     * @param precision of products
     */
    public static Prediction of(List<Call> calls, Card card, ProductPrecision precision, Assumptions assumptions) {
        return new Prediction(new Roofline(card, precision, assumptions), List.copyOf(calls));
    }

    public Card card() {
        return roofline.card();
    }

    public ProductPrecision precision() {
        return roofline.precision();
    }

    public Assumptions assumptions() {
        return roofline.assumptions();
    }

    /** Everything. */
    public PartCost total() {
        return calls.stream().map(this::cost).reduce(PartCost.none("total"), PartCost::plus);
    }

    /** By what computes, what takes longest first: products, kernels by their names, optimizer, gathering, copies. */
    public List<PartCost> parts() {
        return by(call -> part(call)).stream()
                .sorted(Comparator.comparingDouble(PartCost::predicted).reversed())
                .toList();
    }

    /** By what it is done for, in the order of the work. */
    public List<PartCost> steps() {
        return by(call -> (call.owner().vertex() + " " + call.owner().what()).strip());
    }

    private List<PartCost> by(Function<Call, String> key) {
        Map<String, PartCost> parts = new LinkedHashMap<>();
        for (Call call : calls) {
            String part = key.apply(call);
            parts.put(part, parts.getOrDefault(part, PartCost.none(part)).plus(cost(call)));
        }
        return List.copyOf(parts.values());
    }

    private static String part(Call call) {
        return switch (call.kind()) {
            case LARGE_PRODUCT, SKINNY_PRODUCT, TRANSFER -> call.kind().title();
            case COPY, FILL -> "copies and fills";
            case KERNEL ->
                switch (call.name()) {
                    case "adam", "sgd" -> "optimizer";
                    default -> call.name();
                };
        };
    }

    private PartCost cost(Call call) {
        return new PartCost("", 1, call.flops(), call.traffic(), roofline.floor(call), roofline.predicted(call));
    }

    /** Everything as a table. */
    public String table() {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "Predicted for %s in %s from data sheets, not measured on any card:%n%-22s %8s %10s %10s %10s %10s %12s%n",
                card().title(),
                precision(),
                "part",
                "launches",
                "GFLOP",
                "MB read",
                "MB written",
                "floor us",
                "predicted us"));
        parts().forEach(part -> text.append(row(part)));
        return text.append(row(total())).append(assumptions().described()).toString();
    }

    private static String row(PartCost part) {
        return String.format(
                Locale.ROOT,
                "%-22s %8d %10.2f %10.1f %10.1f %10.1f %12.1f%n",
                part.part(),
                part.launches(),
                part.flops() / 1e9,
                part.traffic().read() / 1e6,
                part.traffic().written() / 1e6,
                part.floor(),
                part.predicted());
    }
}
