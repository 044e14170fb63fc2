/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.unlearn;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.amend4j.app.data.WholeFile;
import org.amend4j.app.forget.GridCell;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.lines.SeriesLines;

/** What a rewind loses, and how far it ends from retraining, against the share of steps redone; both logarithmic. */
final class UnlearnChart {

    /** Losses below, gains among them, are drawn here. */
    private static final double LEAST_LOSS = 1e-5;

    /** One for every number of subjects. */
    private static final List<Color> COLOURS = List.of(new Color(0x1B6CA8), new Color(0xE08E0B), new Color(0xB3261E));

    private UnlearnChart() {}

    /** Writes {@code chart.png} with both, and an SVG file of each. */
    static void write(TablePart table, Path out) throws IOException {
        XYChart loss = chart("Test AUC lost against retraining", "mean loss, at least " + LEAST_LOSS);
        XYChart distance = chart("Distance from the retrained parameters", "bound and true distance");
        for (int k = 0; k < TablePart.SUBJECTS.size(); k++) {
            int subjects = TablePart.SUBJECTS.get(k);
            Color colour = COLOURS.get(k);
            List<GridCell> cells = table.cells().stream()
                    .filter(cell -> cell.asked().subjects() == subjects)
                    .toList();
            add(loss, colour, cells, "rewind, " + subjects + " subjects", cell -> Math.max(LEAST_LOSS, cell.loss()));
            add(
                            distance,
                            colour,
                            cells,
                            "bound, " + subjects + " subjects",
                            cell -> cell.bound().delta())
                    .setLineStyle(SeriesLines.DASH_DASH);
            add(
                    distance,
                    colour,
                    cells,
                    "true, " + subjects + " subjects",
                    cell -> cell.bound().distance());
        }
        List<GridCell> most = table.cells().stream()
                .filter(cell -> cell.asked().subjects() == CertifiedPart.SUBJECTS)
                .toList();
        String cold = "cold run, " + CertifiedPart.SUBJECTS + " subjects";
        add(loss, Color.DARK_GRAY, most, cold, cell -> Math.max(LEAST_LOSS, cell.coldLoss()))
                .setLineStyle(SeriesLines.DASH_DASH);
        svg(loss, out.resolve("auc-loss.svg"));
        svg(distance, out.resolve("distance.svg"));
        WholeFile.write(
                out.resolve("chart.png"),
                file -> BitmapEncoder.saveBitmap(
                        List.of(loss, distance), 1, 2, file.toString(), BitmapEncoder.BitmapFormat.PNG));
    }

    private static XYChart chart(String title, String quantity) {
        XYChart chart = new XYChartBuilder()
                .width(760)
                .height(520)
                .title(title)
                .xAxisTitle("K/T, share of steps redone")
                .yAxisTitle(quantity)
                .build();
        chart.getStyler().setYAxisLogarithmic(true);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE).setChartBackgroundColor(Color.WHITE);
        return chart;
    }

    private static XYSeries add(
            XYChart chart, Color colour, List<GridCell> cells, String label, ToDoubleFunction<GridCell> value) {
        XYSeries series = chart.addSeries(
                label,
                cells.stream().mapToDouble(GridCell::share).toArray(),
                cells.stream().mapToDouble(value).toArray());
        series.setMarkerColor(colour);
        series.setLineColor(colour);
        return series;
    }

    private static void svg(XYChart chart, Path file) throws IOException {
        WholeFile.write(
                file,
                temporary -> VectorGraphicsEncoder.saveVectorGraphic(
                        chart, temporary.toString(), VectorGraphicsEncoder.VectorGraphicsFormat.SVG));
    }
}
