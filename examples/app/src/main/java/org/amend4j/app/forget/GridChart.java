/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.amend4j.app.page.ChartFiles;
import org.amend4j.chart.Chart;

/** What rewinds lose against the share of steps redone: a chart for every number of subjects, with a line for every weight decay. */
final class GridChart {

    /** Losses below, gains among them, are drawn here. */
    private static final double LEAST = 1e-5;

    private final List<GridCell> cells;

    GridChart(List<GridCell> cells) {
        this.cells = cells;
    }

    /**
     * Writes {@code grid.png} with all of them, and an SVG file of each.
     *
     * @return the SVG files
     */
    List<Path> write(Path out) throws IOException {
        Map<String, Chart> charts = new LinkedHashMap<>();
        cells.stream()
                .map(cell -> cell.deletion().subjects())
                .distinct()
                .forEach(subjects -> charts.put("auc-loss-" + subjects, losses(subjects)));
        return ChartFiles.write(charts, 1, out, "grid.png");
    }

    private Chart losses(int subjects) {
        Chart chart = Chart.of(
                        "Test AUC lost against retraining, deleted subjects: " + subjects,
                        "K/T, share of steps redone",
                        "mean loss over splits, at least " + LEAST + " (logarithmic)")
                .logY();
        List<Double> decays = cells.stream()
                .map(cell -> cell.deletion().weightDecay())
                .distinct()
                .toList();
        for (double decay : decays) {
            List<GridCell> line = cells.stream()
                    .filter(cell -> cell.deletion().subjects() == subjects
                            && cell.deletion().weightDecay() == decay)
                    .toList();
            double[] shares = line.stream()
                    .mapToDouble(cell -> cell.steps().share())
                    .distinct()
                    .sorted()
                    .toArray();
            chart = chart.line(
                    "\u03bb = " + decay,
                    shares,
                    DoubleStream.of(shares).map(share -> loss(line, share)).toArray());
        }
        return chart;
    }

    /** NaN, a gap in the line, where on some split nothing could be released. */
    private static double loss(List<GridCell> line, double share) {
        List<GridCell> there =
                line.stream().filter(cell -> cell.steps().share() == share).toList();
        double mean = RandHieGrid.mean(there, cell -> cell.auc().loss());
        return Double.isNaN(mean) ? mean : Math.max(LEAST, mean);
    }
}
