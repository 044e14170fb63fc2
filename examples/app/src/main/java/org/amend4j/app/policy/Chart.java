/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.amend4j.app.data.WholeFile;
import org.amend4j.evaluation.Bootstrap;
import org.amend4j.evaluation.Estimate;
import org.amend4j.evaluation.LearningCurves;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** What the charts of policies have in common. */
final class Chart {

    /** One for each line; enough for all charts. */
    static final List<Color> COLOURS =
            List.of(new Color(0x1B6CA8), new Color(0xE08E0B), new Color(0x3B7D3B), new Color(0xB3261E));

    /** Resamples of an interval in a picture. */
    private static final Bootstrap BOOTSTRAP = Bootstrap.usual(1).withResamples(2_000);

    /** Of 255. */
    private static final int PALE = 90;

    private static final float THIN = 0.8f;

    private Chart() {}

    static XYChart of(String title, String x, String y) {
        XYChart chart = new XYChartBuilder()
                .width(760)
                .height(520)
                .title(title)
                .xAxisTitle(x)
                .yAxisTitle(y)
                .build();
        chart.getStyler().setLegendPosition(LegendPosition.OutsideS).setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setXAxisDecimalPattern("#,###.##");
        return chart;
    }

    /**
     * Curves of several seeds as one: the interquartile mean, and its interval as dashed lines if there is more than one
     * seed.
     *
     * @param curves [seeds][points]
     * @return one estimate a point, for reports
     */
    static List<Estimate> learning(XYChart chart, Color colour, String label, double[] steps, double[][] curves) {
        LearningCurves all = LearningCurves.of(curves);
        line(chart, colour, label, steps, all.interquartileMeans());
        if (curves.length < 2) {
            return List.of();
        }
        List<Estimate> estimates = all.estimates(BOOTSTRAP);
        dashed(chart, colour, label + ", 95 % interval", steps, numbers(estimates, false));
        dashed(chart, colour, label + ", 95 % to", steps, numbers(estimates, true))
                .setShowInLegend(false);
        return estimates;
    }

    private static double[] numbers(List<Estimate> estimates, boolean high) {
        return estimates.stream()
                .mapToDouble(estimate -> high ? estimate.high() : estimate.low())
                .toArray();
    }

    static XYSeries line(XYChart chart, Color colour, String label, double[] x, double[] y) {
        XYSeries series = chart.addSeries(label, x, y);
        series.setMarker(SeriesMarkers.NONE);
        series.setLineColor(colour);
        series.setLineStyle(SeriesLines.SOLID);
        series.setLineWidth(2);
        return series;
    }

    /** A mark at (x, y). */
    static void point(XYChart chart, Color colour, String label, double[] xy) {
        XYSeries series = chart.addSeries(label, new double[] {xy[0]}, new double[] {xy[1]});
        series.setMarker(SeriesMarkers.DIAMOND);
        series.setMarkerColor(colour);
        series.setLineStyle(SeriesLines.NONE);
    }

    static XYSeries dashed(XYChart chart, Color colour, String label, double[] x, double[] y) {
        XYSeries series = line(chart, colour, label, x, y);
        series.setLineStyle(SeriesLines.DASH_DASH);
        series.setLineWidth(1);
        return series;
    }

    /**
     * A thin, pale line for each seed, with one entry in the legend. To be drawn before what is to lie above.
     *
     * @param curves [seeds][points]
     */
    static void each(XYChart chart, Color colour, String label, double[] x, double[][] curves) {
        Color pale = new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), PALE);
        for (int i = 0; i < curves.length; i++) {
            XYSeries series = line(chart, pale, i == 0 ? label : label + " " + (i + 1), x, curves[i]);
            series.setLineWidth(THIN);
            series.setShowInLegend(i == 0);
        }
    }

    /** Writes one SVG file per chart, by name, and a PNG with all side by side. */
    static void write(Map<String, XYChart> charts, Path out, String png) throws IOException {
        for (Map.Entry<String, XYChart> chart : charts.entrySet()) {
            WholeFile.write(
                    out.resolve(chart.getKey() + ".svg"),
                    temporary -> VectorGraphicsEncoder.saveVectorGraphic(
                            chart.getValue(), temporary.toString(), VectorGraphicsEncoder.VectorGraphicsFormat.SVG));
        }
        WholeFile.write(
                out.resolve(png),
                file -> BitmapEncoder.saveBitmap(
                        List.copyOf(charts.values()),
                        1,
                        charts.size(),
                        file.toString(),
                        BitmapEncoder.BitmapFormat.PNG));
    }
}
