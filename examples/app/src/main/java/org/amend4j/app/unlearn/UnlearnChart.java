/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.unlearn;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.amend4j.app.forget.GridCell;
import org.amend4j.app.page.ChartFiles;
import org.amend4j.chart.Chart;
import org.amend4j.chart.Colour;

/** What a rewind loses, and how far it ends from retraining, against the share of steps redone; both logarithmic. */
final class UnlearnChart {

    /** Losses below, gains among them, are drawn here. */
    private static final double LEAST_LOSS = 1e-5;

    private UnlearnChart() {}

    /**
     * Writes {@code chart.png} with both, and an SVG file of each.
     *
     * @return the SVG files
     */
    static List<Path> write(TablePart table, Path out) throws IOException {
        Map<String, Chart> charts = new LinkedHashMap<>();
        charts.put("auc-loss", losses(table));
        charts.put("distance", distances(table));
        return ChartFiles.write(charts, 2, out, "chart.png");
    }

    private static Chart losses(TablePart table) {
        Chart chart = chart("Test AUC lost against retraining", "mean loss, at least " + LEAST_LOSS);
        for (int subjects : TablePart.SUBJECTS) {
            List<GridCell> cells = cells(table, subjects);
            chart = chart.line(
                    counted(subjects),
                    shares(cells),
                    numbers(cells, cell -> Math.max(LEAST_LOSS, cell.auc().loss())));
        }
        List<GridCell> most = cells(table, CertifiedPart.SUBJECTS);
        return chart.dashed(
                "cold run, " + counted(CertifiedPart.SUBJECTS),
                Colour.GREY,
                shares(most),
                numbers(most, cell -> Math.max(LEAST_LOSS, cell.auc().coldLoss())));
    }

    private static Chart distances(TablePart table) {
        Chart chart = chart("Distance from the retrained parameters", "bound (dashed) and true distance");
        for (int subjects : TablePart.SUBJECTS) {
            List<GridCell> cells = cells(table, subjects);
            chart = chart.line("true, " + counted(subjects), shares(cells), numbers(cells, GridCell::distance))
                    .dashed(
                            "bound, " + counted(subjects),
                            shares(cells),
                            numbers(cells, cell -> cell.bound().delta()));
        }
        return chart;
    }

    private static String counted(int subjects) {
        return subjects + (subjects == 1 ? " subject" : " subjects");
    }

    private static Chart chart(String title, String quantity) {
        return Chart.of(title, "K/T, share of steps redone", quantity + " (logarithmic)")
                .logY();
    }

    private static List<GridCell> cells(TablePart table, int subjects) {
        return table.cells().stream()
                .filter(cell -> cell.deletion().subjects() == subjects)
                .toList();
    }

    private static double[] shares(List<GridCell> cells) {
        return numbers(cells, cell -> cell.steps().share());
    }

    private static double[] numbers(List<GridCell> cells, ToDoubleFunction<GridCell> value) {
        return cells.stream().mapToDouble(value).toArray();
    }
}
