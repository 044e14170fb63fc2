/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.chart;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * What is around the lines, and the look of all charts.
 *
 * @param title of the chart
 * @param x the axis's quantity and unit
 * @param y the axis's quantity and unit
 * @param logX whether x is logarithmic
 * @param logY whether y is logarithmic
 * @param low nothing below is shown; -∞ for all
 * @param high nothing above is shown; ∞ for all
 * @param legend whether there is a legend instead of names at the ends of lines
 */
@RecordBuilder
record Frame(String title, String x, String y, boolean logX, boolean logY, double low, double high, boolean legend)
        implements FrameBuilder.With {

    private static final int WIDTH = 760;
    private static final int HEIGHT = 460;

    /** Stretches of the x axis, of each of which a line keeps four points; finer ones cannot be told apart at this width. */
    private static final int STRETCHES = 300;

    /** Of all lines together, so that many seeds make no large file. */
    private static final int ALL_STRETCHES = 3000;

    /** The same for dashed lines: XChart begins its dashes anew at every point, so that shorter stretches have no gaps. */
    private static final int DASHED_STRETCHES = 45;

    private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 15);
    static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
    static final Color INK = new Color(0x1F2937);
    private static final Color GRID = new Color(0xE5E7EB);

    private static final BasicStroke DASHES =
            new BasicStroke(1.4f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1f, new float[] {7, 4}, 0);

    /** Of a letter, in pixels. */
    private static final double LETTER = 6.4;

    static Frame of(String title, String x, String y) {
        return new Frame(title, x, y, false, false, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY, false);
    }

    XYChart draw(List<Line> lines) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle(x)
                .yAxisTitle(y)
                .build();
        List<Line> drawn = lines.stream()
                .filter(line -> line.isDrawable(logX, logY))
                .map(line -> line.drawable(logX, logY))
                .map(line -> line.style() == Line.Style.DASHED
                        ? line.coarse(DASHED_STRETCHES, logX)
                        : line.thinned(Math.max(20, Math.min(STRETCHES, ALL_STRETCHES / lines.size())), logX))
                .toList();
        drawn.forEach(line -> add(chart, line));
        look(chart.getStyler());
        axes(chart.getStyler(), drawn.stream().allMatch(Line::isWritable));
        if (drawn.stream().allMatch(Line::isTiny)) {
            chart.getStyler().setYAxisDecimalPattern(null);
        }
        name(chart, drawn.stream().filter(Line::named).toList());
        if (!logX && !logY && !drawn.isEmpty()) {
            unevenly(chart);
        }
        return chart;
    }

    /**
     * Adds a point that is not seen: where all values are equally far apart, XChart makes them its ticks, even if they are the
     * multiples of 1/75.
     */
    private static void unevenly(XYChart chart) {
        double[] x = chart.getSeriesMap().values().stream()
                .flatMapToDouble(series -> DoubleStream.of(series.getXMin(), series.getXMax()))
                .toArray();
        double[] y = chart.getSeriesMap().values().stream()
                .flatMapToDouble(series -> DoubleStream.of(series.getYMin(), series.getYMax()))
                .toArray();
        XYSeries unseen = chart.addSeries("\0", new double[] {between(x)}, new double[] {between(y)});
        unseen.setMarker(SeriesMarkers.NONE).setLineStyle(SeriesLines.NONE).setShowInLegend(false);
    }

    /** Divides a range as no even spacing does. */
    private static double between(double[] values) {
        double low = DoubleStream.of(values).min().orElseThrow();
        double high = DoubleStream.of(values).max().orElseThrow();
        return low + (high - low) / Math.PI;
    }

    private static void add(XYChart chart, Line line) {
        XYSeries series = chart.addSeries(line.label(), line.x(), line.y());
        series.setShowInLegend(line.named());
        series.setMarker(line.style() == Line.Style.POINTS ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
        series.setMarkerColor(line.colour().full());
        series.setLineColor(
                line.style() == Line.Style.THIN
                        ? line.colour().pale()
                        : line.colour().full());
        if (line.style() != Line.Style.DASHED) { // XChart only heeds a width that it knows before the style
            series.setLineWidth(line.style() == Line.Style.THIN ? 1f : 2f);
        }
        series.setLineStyle(
                switch (line.style()) {
                    case SOLID, THIN -> SeriesLines.SOLID;
                    case DASHED -> DASHES;
                    case POINTS -> SeriesLines.NONE;
                });
    }

    private static void look(XYStyler styler) {
        styler.setChartBackgroundColor(Color.WHITE).setPlotBackgroundColor(Color.WHITE);
        styler.setPlotBorderVisible(false)
                .setChartTitleFont(TITLE)
                .setLegendFont(TEXT)
                .setChartFontColor(INK);
        styler.setAxisTitleFont(TEXT).setAxisTickLabelsFont(TEXT).setAxisTickLabelsColor(INK);
        styler.setPlotGridLinesColor(GRID).setPlotGridLinesStroke(new BasicStroke(1f));
        styler.setAxisTickMarksColor(GRID).setMarkerSize(6);
        styler.setXAxisTickMarkSpacingHint(90)
                .setXAxisDecimalPattern("#,###.####")
                .setYAxisDecimalPattern("#,##0.####");
        styler.setLegendBorderColor(Color.WHITE).setLegendSeriesLineLength(36);
        styler.setLocale(Locale.ROOT).setToolTipsEnabled(false);
    }

    /** @param written whether numbers of a logarithmic x axis are written out instead of as powers of ten */
    private void axes(XYStyler styler, boolean written) {
        styler.setXAxisLogarithmic(logX).setYAxisLogarithmic(logY);
        if (logX && !written) {
            styler.setXAxisDecimalPattern(null);
        }
        if (logY) {
            styler.setYAxisDecimalPattern(null);
        }
        if (Double.isFinite(low)) {
            styler.setYAxisMin(low);
        }
        if (Double.isFinite(high)) {
            styler.setYAxisMax(high);
        }
    }

    private void name(XYChart chart, List<Line> named) {
        boolean points = named.stream().anyMatch(line -> line.style() == Line.Style.POINTS);
        if (legend || points || named.size() > 6) {
            chart.getStyler()
                    .setLegendPosition(LegendPosition.OutsideS)
                    .setLegendLayout(named.size() > 4 ? LegendLayout.Vertical : LegendLayout.Horizontal);
            return;
        }
        chart.getStyler().setLegendVisible(false);
        if (!named.isEmpty()) {
            makeRoom(chart, named);
            chart.addAnnotation(new EndLabels(named, TEXT));
        }
    }

    /** So that the longest name fits to the right of the lines. */
    private void makeRoom(XYChart chart, List<Line> named) {
        double left = chart.getSeriesMap().values().stream()
                .mapToDouble(series -> series.getXMin())
                .min()
                .orElseThrow();
        double right = chart.getSeriesMap().values().stream()
                .mapToDouble(series -> series.getXMax())
                .max()
                .orElseThrow();
        double longest = LETTER
                * named.stream().mapToInt(line -> line.label().length()).max().orElseThrow();
        double share = Math.min(0.5, longest / (WIDTH - 110));
        if (logX) {
            double decades = Math.log10(right / left);
            chart.getStyler().setXAxisMax(right * Math.pow(10, decades * share / (1 - share)));
        } else {
            chart.getStyler().setXAxisMax(right + (right - left) * share / (1 - share));
        }
    }
}
