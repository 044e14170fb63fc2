/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.descent;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.amend4j.app.data.WholeFile;
import org.amend4j.descent.RateBounds;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Loss and smallest gradient norm against steps, both logarithmic, one line a rule; bounds are dashed. */
final class DescentChart {

    private DescentChart() {}

    /** Writes {@code chart.png} with all four, and an SVG file of each. */
    static void write(Map<Problem, List<Curve>> curves, Path out) throws IOException {
        List<XYChart> charts = new ArrayList<>();
        for (Map.Entry<Problem, List<Curve>> entry : curves.entrySet()) {
            String title = entry.getKey().title();
            XYChart loss = chart(title, "loss");
            entry.getValue().forEach(curve -> add(loss, curve.label(), curve.losses()));
            XYChart gradient = chart(title, "smallest gradient norm so far");
            entry.getValue().forEach(curve -> add(gradient, curve.label(), curve.smallestGradients()));
            entry.getValue().forEach(curve -> addBounds(gradient, curve));
            charts.add(loss);
            charts.add(gradient);
            svg(loss, out.resolve(entry.getKey().name() + "-loss.svg"));
            svg(gradient, out.resolve(entry.getKey().name() + "-gradient.svg"));
        }
        WholeFile.write(
                out.resolve("chart.png"),
                file -> BitmapEncoder.saveBitmap(
                        charts, curves.size(), 2, file.toString(), BitmapEncoder.BitmapFormat.PNG));
    }

    private static void svg(XYChart chart, Path file) throws IOException {
        WholeFile.write(
                file,
                temporary -> VectorGraphicsEncoder.saveVectorGraphic(
                        chart, temporary.toString(), VectorGraphicsEncoder.VectorGraphicsFormat.SVG));
    }

    private static XYChart chart(String title, String quantity) {
        XYChart chart = new XYChartBuilder()
                .width(760)
                .height(520)
                .title(title)
                .xAxisTitle("steps")
                .yAxisTitle(quantity)
                .build();
        chart.getStyler().setXAxisLogarithmic(true);
        chart.getStyler().setYAxisLogarithmic(true);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE).setChartBackgroundColor(java.awt.Color.WHITE);
        return chart;
    }

    private static void add(XYChart chart, String label, List<Double> values) {
        List<Double> steps = new ArrayList<>();
        List<Double> finite = new ArrayList<>();
        for (int t = 0; t < values.size(); t++) {
            if (Double.isFinite(values.get(t)) && values.get(t) > 0) {
                steps.add(t + 1.0);
                finite.add(values.get(t));
            }
        }
        if (!steps.isEmpty()) {
            chart.addSeries(label, steps, finite).setMarker(SeriesMarkers.NONE);
        }
    }

    private static void addBounds(XYChart chart, Curve curve) {
        switch (curve.rule().name()) {
            case "closed-form" -> dashed(chart, "our rate, closed form", curve, RateBounds::beforeTheRun);
            case "mu-klabjan" -> dashed(chart, "M&K rate", curve, RateBounds::muKlabjanBeforeTheRun);
            default -> {}
        }
    }

    private static void dashed(
            XYChart chart, String label, Curve curve, Function<RateBounds, java.util.OptionalDouble> bound) {
        List<Double> norms = curve.bounds().stream()
                .map(bound)
                .map(value -> value.isPresent() ? RateBounds.asNorm(value.getAsDouble()) : Double.NaN)
                .toList();
        add(chart, label, norms);
        XYSeries series = chart.getSeriesMap().get(label);
        if (series != null) {
            series.setLineStyle(SeriesLines.DASH_DASH);
        }
    }
}
