/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.chart;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.amend4j.html.HtmlView;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.XYChart;

/**
 * Lines over a common axis, with one look. Each line is named at its end, or in a legend where points or many lines leave no
 * room. Immutable: every method returns another chart.
 *
 * <pre>{@code
 * Chart.of("Loss", "steps", "mean loss").line("armijo", losses).dashed("bound", steps, bounds).logY().image()
 * }</pre>
 */
public final class Chart implements HtmlView {

    private final Frame frame;
    private final List<Line> lines;

    private Chart(Frame frame, List<Line> lines) {
        this.frame = frame;
        this.lines = List.copyOf(lines);
    }

    /** Without lines; axes are linear. */
    public static Chart of(String title, String x, String y) {
        return new Chart(Frame.of(title, x, y), List.of());
    }

    /** With a logarithmic x axis; points that are not positive are left out. */
    public Chart logX() {
        return new Chart(frame.withX(frame.x().withLogarithmic(true)), lines);
    }

    /** With a logarithmic y axis; points that are not positive are left out. */
    public Chart logY() {
        return new Chart(frame.withY(frame.y().withLogarithmic(true)), lines);
    }

    /**
     * With a y axis that shows nothing outside of these.
     *
     * @throws IllegalArgumentException if low is not below high
     */
    public Chart yBetween(double low, double high) {
        if (!(low < high)) {
            throw new IllegalArgumentException("a y axis must end above where it begins, got " + low + " to " + high);
        }
        return new Chart(frame.withY(frame.y().withLow(low).withHigh(high)), lines);
    }

    /** With a legend below instead of names at the ends of lines. */
    public Chart withLegend() {
        return new Chart(frame.withLegend(true), lines);
    }

    /**
     * With a line in the next colour.
     *
     * @param x [points], ascending
     * @param y [points]
     * @throws IllegalArgumentException if the lengths differ, there is no point, or the label is taken
     */
    public Chart line(String label, double[] x, double[] y) {
        return line(label, next(), x, y);
    }

    /** With a line over 1, 2, … in the next colour. */
    public Chart line(String label, double[] y) {
        return line(label, IntStream.rangeClosed(1, y.length).asDoubleStream().toArray(), y);
    }

    /** With a line of this colour. */
    public Chart line(String label, Colour colour, double[] x, double[] y) {
        return with(new Line(label, x, y, colour, Line.Style.SOLID, true));
    }

    /** With a dashed line, for a bound, in the colour of the last line. */
    public Chart dashed(String label, double[] x, double[] y) {
        return dashed(label, last(), x, y);
    }

    /** With a dashed line of this colour. */
    public Chart dashed(String label, Colour colour, double[] x, double[] y) {
        return with(new Line(label, x, y, colour, Line.Style.DASHED, true));
    }

    /** With the ends of an interval around the last line, dashed and without a name. */
    public Chart interval(double[] x, double[] low, double[] high) {
        Colour colour = last();
        String of = lines.get(lines.size() - 1).label();
        return with(new Line(of + ", low", x, low, colour, Line.Style.DASHED, false))
                .with(new Line(of + ", high", x, high, colour, Line.Style.DASHED, false));
    }

    /**
     * With thin lines without names, such as seeds, in the colour that the next line has.
     *
     * @param curves [lines][points]
     */
    public Chart each(String label, double[] x, double[][] curves) {
        return each(label, next(), x, curves);
    }

    /** With thin lines of this colour. */
    public Chart each(String label, Colour colour, double[] x, double[][] curves) {
        Chart chart = this;
        for (int k = 0; k < curves.length; k++) {
            chart = chart.with(new Line(label + " " + (k + 1), x, curves[k], colour, Line.Style.THIN, false));
        }
        return chart;
    }

    /** With points that no line joins, in the next colour. */
    public Chart points(String label, double[] x, double[] y) {
        return points(label, next(), x, y);
    }

    /** With points of this colour. */
    public Chart points(String label, Colour colour, double[] x, double[] y) {
        return with(new Line(label, x, y, colour, Line.Style.POINTS, true));
    }

    /** With a level line, such as a wanted return, from one end of the others to the other; one that is no number is not drawn. */
    public Chart level(String label, double y) {
        double[] places = lines.stream()
                .flatMapToDouble(line -> DoubleStream.of(line.x()))
                .filter(Double::isFinite)
                .toArray();
        // a logarithmic axis begins at the least place that it can show
        double[] ends = DoubleStream.of(
                        DoubleStream.of(places).min().orElse(0),
                        DoubleStream.of(places).filter(place -> place > 0).min().orElse(1),
                        DoubleStream.of(places).max().orElse(1))
                .distinct()
                .sorted()
                .toArray();
        return with(new Line(
                label, ends, DoubleStream.of(ends).map(place -> y).toArray(), Colour.GREY, Line.Style.DASHED, true));
    }

    private Chart with(Line line) {
        if (lines.stream().anyMatch(other -> other.label().equals(line.label()))) {
            throw new IllegalArgumentException(
                    "a chart must not have two lines of one name, got '" + line.label() + "'");
        }
        List<Line> all = new ArrayList<>(lines);
        all.add(line);
        return new Chart(frame, all);
    }

    /** The colour after those that lines with a name of their own have. */
    private Colour next() {
        return Colour.of((int) lines.stream()
                .filter(line -> line.named() && line.colour() != Colour.GREY && line.style() != Line.Style.DASHED)
                .map(Line::colour)
                .distinct()
                .count());
    }

    private Colour last() {
        if (lines.isEmpty()) {
            throw new IllegalStateException("there must be a line before its bound");
        }
        return lines.get(lines.size() - 1).colour();
    }

    /** What its lines are called, in the order in which they were added. */
    public List<String> labels() {
        return lines.stream().map(Line::label).toList();
    }

    /** For a notebook or a PNG file. */
    public BufferedImage image() {
        return BitmapEncoder.getBufferedImage(drawn());
    }

    /** An element {@code svg}, as wide as what it stands in. */
    public String svg() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        XYChart chart = drawn();
        try {
            VectorGraphicsEncoder.saveVectorGraphic(chart, bytes, VectorGraphicsEncoder.VectorGraphicsFormat.SVG);
        } catch (IOException notInMemory) {
            throw new UncheckedIOException(notInMemory);
        }
        return Svg.inline(bytes.toString(StandardCharsets.UTF_8), frame.title());
    }

    @Override
    public String toHtml() {
        return svg();
    }

    /** With XChart's means. */
    XYChart drawn() {
        return frame.draw(lines);
    }
}
