/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.chart;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Function;
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
 * @param x the axis across
 * @param y the axis up
 * @param legend whether there is a legend instead of names at the ends of lines
 */
@RecordBuilder
record Frame(String title, Axis x, Axis y, boolean legend) implements FrameBuilder.With {

    private static final int WIDTH = 760;
    private static final int HEIGHT = 460;

    /** Stretches of the x axis, of each of which a line keeps four points; finer ones cannot be told apart at this width. */
    private static final int STRETCHES = 300;

    /** Of all lines together, so that many seeds make no large file. */
    private static final int ALL_STRETCHES = 3000;

    private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 15);
    static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
    static final Color INK = new Color(0x1F2937);
    private static final Color GRID = new Color(0xE5E7EB);

    private static final BasicStroke DASHES =
            new BasicStroke(1.4f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1f, new float[] {7, 4}, 0);

    /** More names than these are not found again at the ends of lines. */
    private static final int MOST_END_LABELS = 14;

    /** What names at the ends of lines may take of the width, at most; the longest is a little wider in other fonts. */
    private static final double MOST_FOR_NAMES = 0.5;

    private static final double OTHER_FONTS = 1.05;

    /** Left of the plot. */
    private static final int BESIDE = 110;

    static Frame of(String title, String x, String y) {
        return new Frame(title, Axis.of(x), Axis.of(y), false);
    }

    XYChart draw(List<Line> lines) {
        List<Line> drawable = lines.stream()
                .filter(line -> line.isDrawable(x, y))
                .map(line -> line.drawable(x, y))
                .toList();
        if (drawable.isEmpty()) {
            return withX(Axis.of(x.name())).withY(Axis.of(y.name())).drawScaled(List.of());
        }
        Scale across = Scale.of(x, all(drawable, Line::x));
        Scale up = Scale.of(y, all(drawable, Line::y));
        Thinning thinning = new Thinning(across, up, WIDTH, HEIGHT);
        int stretches = Math.max(20, Math.min(STRETCHES, ALL_STRETCHES / lines.size()));
        return withX(across.axis())
                .withY(up.axis())
                .drawScaled(drawable.stream()
                        .map(line -> thinned(line.scaled(across, up), thinning, stretches))
                        .toList());
    }

    private static double[] all(List<Line> lines, Function<Line, double[]> values) {
        return lines.stream().map(values).flatMapToDouble(DoubleStream::of).toArray();
    }

    /** XChart begins its dashes anew at every point, so that a dashed line of short stretches has no gaps. */
    private static Line thinned(Line line, Thinning thinning, int stretches) {
        return switch (line.style()) {
            case POINTS -> thinning.marks(line);
            case DASHED -> thinning.straight(thinning.stretches(line, stretches));
            case SOLID, THIN -> thinning.stretches(line, stretches);
        };
    }

    private XYChart drawScaled(List<Line> drawn) {
        List<Line> named = drawn.stream().filter(Line::named).toList();
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(height(named))
                .title(title)
                .xAxisTitle(x.name())
                .yAxisTitle(y.name())
                .build();
        drawn.forEach(line -> add(chart, line));
        look(chart.getStyler());
        axes(chart.getStyler(), drawn.stream().allMatch(Line::isWritable));
        if (drawn.stream().allMatch(Line::isTiny)) {
            chart.getStyler().setYAxisDecimalPattern(null);
        }
        name(chart, named);
        if (!x.logarithmic() && !y.logarithmic() && !drawn.isEmpty()) {
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
        boolean marked = line.style() == Line.Style.POINTS || line.x().length == 1; // no line leads to a lone point
        series.setMarker(marked ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
        series.setMarkerColor(line.colour().full());
        series.setLineColor(
                line.style() == Line.Style.THIN
                        ? line.colour().pale()
                        : line.colour().full());
        switch (line
                .style()) { // XChart only heeds a width that it knows before the style, and draws NONE if it has one
            case SOLID -> series.setLineWidth(2f).setLineStyle(SeriesLines.SOLID);
            case THIN -> series.setLineWidth(1f).setLineStyle(SeriesLines.SOLID);
            case DASHED -> series.setLineStyle(DASHES);
            case POINTS -> series.setLineStyle(SeriesLines.NONE);
        }
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
        styler.setXAxisLogarithmic(x.logarithmic()).setYAxisLogarithmic(y.logarithmic());
        if (x.logarithmic() && !written) {
            styler.setXAxisDecimalPattern(null);
        }
        if (y.logarithmic()) {
            styler.setYAxisDecimalPattern(null);
        }
        end(x.low(), styler::setXAxisMin);
        end(x.high(), styler::setXAxisMax);
        end(y.low(), styler::setYAxisMin);
        end(y.high(), styler::setYAxisMax);
    }

    private static void end(double place, Consumer<Double> setting) {
        if (Double.isFinite(place)) {
            setting.accept(place);
        }
    }

    private boolean hasLegend(List<Line> named) {
        return legend
                || named.size() > MOST_END_LABELS
                || longest(named) > MOST_FOR_NAMES * (WIDTH - BESIDE)
                || named.stream().anyMatch(line -> line.style() == Line.Style.POINTS);
    }

    /** In pixels, of a name. */
    private static double longest(List<Line> named) {
        return named.stream()
                .mapToDouble(line -> OTHER_FONTS * Legend.width(line.label()))
                .max()
                .orElse(0);
    }

    /** A legend below does not make the plot any lower. */
    private int height(List<Line> named) {
        return HEIGHT + (hasLegend(named) ? new Legend(named, WIDTH).height() : 0);
    }

    private void name(XYChart chart, List<Line> named) {
        if (hasLegend(named)) {
            Legend below = new Legend(named, WIDTH);
            chart.getStyler()
                    .setLegendPosition(LegendPosition.OutsideS)
                    .setLegendLayout(below.isVertical() ? LegendLayout.Vertical : LegendLayout.Horizontal);
            chart.getSeriesMap().values().forEach(series -> series.setLabel(below.wrapped(series.getLabel())));
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
                .mapToDouble(XYSeries::getXMin)
                .reduce(finite(x.low(), Double.POSITIVE_INFINITY), Math::min);
        double right = chart.getSeriesMap().values().stream()
                .mapToDouble(XYSeries::getXMax)
                .reduce(finite(x.high(), Double.NEGATIVE_INFINITY), Math::max);
        double share = longest(named) / (WIDTH - BESIDE);
        if (x.logarithmic()) {
            double decades = Math.log10(right / left);
            chart.getStyler().setXAxisMax(right * Math.pow(10, decades * share / (1 - share)));
        } else {
            chart.getStyler().setXAxisMax(right + (right - left) * share / (1 - share));
        }
    }

    private static double finite(double value, double otherwise) {
        return Double.isFinite(value) ? value : otherwise;
    }
}
