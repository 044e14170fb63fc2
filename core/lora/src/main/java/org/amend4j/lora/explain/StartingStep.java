/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.explain;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.amend4j.html.HtmlTable;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.config.WeightAdapter;

/**
 * How far an adapter's first step moves its weight. With the weight's gradient G, a step of gradient descent at the rate η moves
 * {@code s·A·B} by {@code -η·s²·(A·Aᵀ·G + G·Bᵀ·B)} and terms in η², hence by at most η·‖G‖ times {@code s²·(‖A‖² + ‖B‖²)}; the weight
 * itself would move by η·‖G‖.
 */
final class StartingStep {

    /** Below, the same movement takes more than ten times the rate. */
    private static final double SMALL = 0.1;

    /** So many weights are named in a note. */
    private static final int NAMED = 3;

    private StartingStep() {}

    /**
     * The factor {@code s²·(‖A‖² + ‖B‖²)}, norms spectral; empty if it depends on the weight or on data. The norm of a random matrix is
     * taken to be its deviation times √rows + √columns, to which it tends and below which the mean of normal ones is (Gordon).
     *
     * @param table whether the weight is one whose rows are looked up
     */
    static Optional<Double> factor(WeightAdapter one, boolean table) {
        double scaling = one.adapter().scaling();
        return squares(one, table).map(squares -> scaling * scaling * squares);
    }

    private static Optional<Double> squares(WeightAdapter one, boolean table) {
        double rows = one.rows();
        double columns = one.columns();
        double rank = one.adapter().rank();
        double uniform = square(rows, rank, 1 / Math.sqrt(3 * rows)); // of ±1/sqrt(rows)
        return switch (one.adapter().init().kind()) {
            case DEFAULT -> Optional.of(table ? square(rank, columns, 1) : uniform);
            case GAUSSIAN -> Optional.of(table ? square(rank, columns, 1) : square(rows, rank, 1 / rank));
            case RANDOM -> Optional.of(uniform + square(rank, columns, 1 / Math.sqrt(3 * rank)));
            case ORTHOGONAL -> Optional.of(square(rows, rank / 2, 0.1) + square(rank / 2, columns, 0.1));
            case EVA -> Optional.of(1.0); // principal components
            case PISSA, PISSA_NITER, OLORA, CORDA, LORA_GA -> Optional.empty();
        };
    }

    private static double square(double rows, double columns, double deviation) {
        double norm = deviation * (Math.sqrt(rows) + Math.sqrt(columns));
        return norm * norm;
    }

    /** A sentence for all adapters of one rank and alpha whose scaling makes their first steps small. */
    static List<String> notes(List<ExplainedAdapter> adapters) {
        Map<List<Object>, List<ExplainedAdapter>> small = new LinkedHashMap<>();
        for (ExplainedAdapter one : adapters) {
            AdapterSpec spec = one.weight().adapter();
            if (spec.scaling() < 1 && one.firstStep().orElse(1.0) < SMALL) {
                small.computeIfAbsent(List.of(spec.rank(), spec.alpha(), spec.scaling()), first -> new ArrayList<>())
                        .add(one);
            }
        }
        return small.values().stream().map(StartingStep::note).toList();
    }

    private static String note(List<ExplainedAdapter> alike) {
        AdapterSpec spec = alike.get(0).weight().adapter();
        double largest = alike.stream()
                .mapToDouble(one -> one.firstStep().orElseThrow())
                .max()
                .orElseThrow();
        double atOne = largest / (spec.scaling() * spec.scaling());
        double stabilised = spec.alpha() / Math.sqrt(spec.rank());
        boolean stable = spec.scaling() == stabilised;
        return String.format(
                        Locale.ROOT,
                        "rank %d with alpha %s scales by %s (%s): the first step of SGD moves such a weight at most %s times as far as"
                                + " without an adapter, with alpha = %s %s times",
                        spec.rank(),
                        BigDecimal.valueOf(spec.alpha()).stripTrailingZeros().toPlainString(),
                        HtmlTable.number(spec.scaling()),
                        names(alike),
                        HtmlTable.number(largest),
                        stable ? "sqrt(rank)" : "rank",
                        HtmlTable.number(atOne))
                + (stable
                        ? ""
                        : ", scaled by alpha/sqrt(rank) " + HtmlTable.number(stabilised * stabilised * atOne)
                                + " times")
                + "; Adam's shrinks with the scaling, not with its square";
    }

    private static String names(List<ExplainedAdapter> alike) {
        String first = String.join(
                ", ",
                alike.stream().limit(NAMED).map(one -> "'" + one.name() + "'").toList());
        return alike.size() > NAMED ? first + " and " + (alike.size() - NAMED) + " more" : first;
    }
}
