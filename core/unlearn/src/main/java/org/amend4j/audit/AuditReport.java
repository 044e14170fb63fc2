/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.amend4j.html.Html;
import org.amend4j.html.HtmlTable;
import org.amend4j.html.HtmlView;

/**
 * Attacks × models, with the retrained model in every attack.
 *
 * @param rows at least one; no attack on the same model twice
 * @param bounds what the certificate implies; empty without a certificate
 */
public record AuditReport(List<AuditRow> rows, Optional<ImpliedBounds> bounds) implements HtmlView {

    private static final List<String> HEADER =
            List.of("attack", "model", "AUC", "interval", "null sd", "deleted", "unseen", "TPR at 1 %");

    /** @throws IllegalArgumentException if a row is missing or there twice, or an attack lacks the retrained model */
    public AuditReport {
        rows = List.copyOf(rows);
        if (rows.isEmpty()) {
            throw new IllegalArgumentException("a report needs at least one row, got none");
        }
        Set<List<Object>> pairs = rows.stream()
                .map(row -> List.<Object>of(row.attack(), row.model()))
                .collect(Collectors.toSet());
        if (pairs.size() < rows.size()) {
            throw new IllegalArgumentException("a report must not have the same attack on the same model twice");
        }
        EnumSet<Attack> compared = EnumSet.noneOf(Attack.class);
        rows.stream().filter(row -> row.model() == AuditedModel.RETRAINED).forEach(row -> compared.add(row.attack()));
        for (AuditRow row : rows) {
            if (row.score().level() != rows.get(0).score().level()) {
                throw new IllegalArgumentException("all intervals of a report must have the same level, got "
                        + rows.get(0).score().level() + " and " + row.score().level());
            }
            if (!compared.contains(row.attack())) {
                throw new IllegalArgumentException("every attack must be reported on the retrained model as well, got "
                        + row.attack() + " on " + row.model() + " alone");
            }
        }
    }

    /** The row of this attack on this model. */
    public Optional<AuditRow> row(Attack attack, AuditedModel model) {
        return rows.stream()
                .filter(row -> row.attack() == attack && row.model() == model)
                .findFirst();
    }

    /** A header, then a row of cells for each row. */
    public List<List<String>> table() {
        List<List<String>> table = new ArrayList<>();
        table.add(HEADER);
        for (AuditRow row : rows) {
            AttackScore score = row.score();
            table.add(List.of(
                    words(row.attack()),
                    words(row.model()),
                    decimals(score.auc()),
                    decimals(score.low(), RoundingMode.FLOOR) + " to " + decimals(score.high(), RoundingMode.CEILING),
                    decimals(score.nullDeviation()),
                    Integer.toString(score.members()),
                    Integer.toString(score.others()),
                    decimals(score.truePositiveRateAt1Percent())));
        }
        return List.copyOf(table);
    }

    /** The table, then what has to be said about it. */
    @Override
    public String toHtml() {
        List<List<String>> table = table();
        Html html = Html.fragment().table(table.get(0), table.subList(1, table.size()));
        remarks().forEach(sentence -> html.element("p", sentence));
        return html.markup();
    }

    /** The table in plain text, then what has to be said about it; without line ends. */
    public List<String> lines() {
        List<List<String>> table = table();
        int[] widths = IntStream.range(0, HEADER.size())
                .map(j -> table.stream()
                        .mapToInt(cells -> cells.get(j).length())
                        .max()
                        .orElseThrow())
                .toArray();
        List<String> lines = new ArrayList<>();
        for (List<String> cells : table) {
            lines.add(IntStream.range(0, widths.length)
                    .mapToObj(j ->
                            cells.get(j) + " ".repeat(widths[j] - cells.get(j).length()))
                    .collect(Collectors.joining("  "))
                    .stripTrailing());
        }
        lines.addAll(remarks());
        return List.copyOf(lines);
    }

    /** The sentences that must accompany the table. */
    public List<String> remarks() {
        List<String> remarks = new ArrayList<>();
        remarks.add(String.format(
                Locale.ROOT,
                "Subjects are counted, not records; each interval holds by itself at %s %%, not all %d together.",
                percent(rows.get(0).score().level()),
                rows.size()));
        remarks.add(
                "Compare with the retrained model, not with 1/2; an attack that fails is evidence, not a certificate.");
        if (bounds.isEmpty()) {
            remarks.add("No certificate: nothing bounds these attacks.");
        }
        bounds.ifPresent(bound -> {
            remarks.add(String.format(
                    Locale.ROOT,
                    "The certificate (mu at most %s) implies: AUC at most %s, advantage at most %s, TPR at 1 %% at most %s.",
                    HtmlTable.atMost(bound.mu()),
                    decimalsUp(bound.auc()),
                    decimalsUp(bound.advantage()),
                    decimalsUp(bound.truePositiveRateAt1Percent())));
            remarks.add(ImpliedBounds.ABOUT);
        });
        return remarks;
    }

    private static String words(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** What was measured; the ends of its interval are rounded outwards. */
    private static String decimals(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }

    private static String decimals(double value, RoundingMode mode) {
        return new BigDecimal(value).setScale(3, mode).toPlainString();
    }

    /** An upper bound must not be printed smaller than it is. */
    private static String decimalsUp(double value) {
        return new BigDecimal(value).setScale(4, RoundingMode.CEILING).toPlainString();
    }

    /** A level must not be printed larger than it is. */
    private static String percent(double level) {
        return Double.toString(BigDecimal.valueOf(level)
                .movePointRight(2)
                .setScale(2, RoundingMode.FLOOR)
                .doubleValue());
    }
}
