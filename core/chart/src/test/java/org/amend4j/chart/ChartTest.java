/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.lines.SeriesLines;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

class ChartTest {

    private static final double[] X = {1, 10, 100};
    private static final double[] Y = {3, 2, 1};

    private static Document parsed(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(svg)));
    }

    private static double[] steps(int points) {
        return IntStream.rangeClosed(1, points).asDoubleStream().toArray();
    }

    private static double[] noise(int points, long seed) {
        return new Random(seed).doubles(points).toArray();
    }

    @Test
    void linesAreNamedAtTheirEnds() throws Exception {
        String svg = Chart.of("loss", "steps", "mean loss")
                .line("ours", X, Y)
                .dashed("bound", X, X)
                .svg();
        Document document = parsed(svg);
        assertEquals("loss", document.getDocumentElement().getAttribute("aria-label"));
        assertEquals(2, document.getElementsByTagName("text").getLength());
        assertEquals("ours", document.getElementsByTagName("text").item(1).getTextContent());
    }

    /** XChart makes evenly spaced values its ticks; one more value, which is not seen, is in the way. */
    @Test
    void valuesThatAreEvenlySpacedAreNotMadeTicks() {
        double[] shares =
                IntStream.rangeClosed(0, 75).mapToDouble(k -> k / 75.0).toArray();
        XYChart drawn =
                Chart.of("shares", "x", "y").line("ours", shares, shares).drawn();
        List<XYSeries> others = drawn.getSeriesMap().values().stream()
                .filter(series -> !series.getName().equals("ours"))
                .toList();
        assertEquals(1, others.size());
        double value = others.get(0).getYMin();
        assertEquals(value, others.get(0).getYMax());
        assertTrue(0 < value && value < 1 && Math.abs(75 * value - Math.rint(75 * value)) > 0.01, value + "");
        assertFalse(others.get(0).isShowInLegend());
        assertEquals(SeriesMarkers.NONE, others.get(0).getMarker());
    }

    @Test
    void theSameChartHasTheSameBytesAndAnotherHasOtherNames() {
        Chart chart = Chart.of("loss", "steps", "mean loss").line("ours", X, Y);
        assertEquals(chart.svg(), chart.svg());
        String clip = first(chart.svg());
        assertFalse(chart.logX().svg().contains(clip), clip);
    }

    private static String first(String svg) {
        return Pattern.compile("clip-[0-9a-f]+-")
                .matcher(svg)
                .results()
                .findFirst()
                .orElseThrow()
                .group();
    }

    /** Five lines of 100,000 points of noise, which no smoothing would draw as it is. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aChartIsBelow300kB(boolean logarithmic) {
        double[] x = steps(100_000);
        Chart chart = Chart.of("returns", "steps", "return");
        for (int k = 0; k < 5; k++) {
            chart = chart.line("seed " + k, x, noise(x.length, k));
        }
        String svg = (logarithmic ? chart.logX() : chart).svg();
        assertTrue(svg.length() < 300_000, svg.length() + " bytes");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void thinningLosesNoSpikeAndNoEnd(boolean logarithmic) {
        double[] y = noise(50_000, 1);
        y[12_345] = 7;
        y[40_000] = -7;
        Line line = new Line("y", steps(y.length), y, Colour.BLUE, Line.Style.SOLID, true);
        Line thin = thinning(line, logarithmic).stretches(line, 100);
        assertTrue(thin.x().length <= 400, thin.x().length + " points");
        assertEquals(7, Arrays.stream(thin.y()).max().orElseThrow());
        assertEquals(-7, Arrays.stream(thin.y()).min().orElseThrow());
        assertEquals(1, thin.x()[0]);
        assertEquals(50_000, thin.x()[thin.x().length - 1]);
        assertEquals(y[49_999], thin.y()[thin.y().length - 1]);
    }

    private static Thinning thinning(Line line, boolean logarithmic) {
        Axis across = Axis.of("x").withLogarithmic(logarithmic);
        return new Thinning(Scale.of(across, line.x()), Scale.of(Axis.of("y"), line.y()), 760, 460);
    }

    private static XYSeries drawn(Chart chart, String label) {
        return chart.drawn().getSeriesMap().get(label);
    }

    /** Dashes begin anew at every point: where points are closer than a dash, there would be no gap. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDashedLineOfManyPointsHasGaps(boolean logarithmic) {
        double[] x = steps(10_000);
        double[] y = Arrays.stream(x).map(Math::sqrt).toArray();
        Chart dashed = Chart.of("a", "x", "y").dashed("b", Colour.BLUE, x, y);
        XYSeries drawn = drawn(logarithmic ? dashed.logX() : dashed, "b");
        assertTrue(drawn.getXData().length <= 46, drawn.getXData().length + " points");
        assertEquals(1, drawn.getXData()[0]);
        assertEquals(10_000, drawn.getXData()[drawn.getXData().length - 1]);
    }

    /** At the place of every point of the line, the drawn one is less than a pixel above or below it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDashedBoundIsDrawnNeitherLowerNorHigherThanItIs(boolean logarithmic) {
        double[] x = steps(1_000);
        double[] y = Arrays.stream(x).map(step -> 100 / step).toArray();
        y[500] = 60;
        y[700] = -50;
        Chart dashed = Chart.of("a", "x", "y").dashed("b", Colour.BLUE, x, y);
        XYSeries drawn = drawn(logarithmic ? dashed.logX() : dashed, "b");
        double pixel = 150.0 / 460;
        for (int i = 0, k = 0; i < x.length; i++) {
            while (drawn.getXData()[k + 1] < x[i]) {
                k++;
            }
            double share = share(x[i], drawn.getXData()[k], drawn.getXData()[k + 1], logarithmic);
            double at = (1 - share) * drawn.getYData()[k] + share * drawn.getYData()[k + 1];
            assertEquals(y[i], at, pixel, "at " + x[i]);
        }
    }

    private static double share(double x, double from, double to, boolean logarithmic) {
        return logarithmic ? Math.log(x / from) / Math.log(to / from) : (x - from) / (to - from);
    }

    @Test
    void aLineOfOnePointIsSeen() {
        Chart chart = Chart.of("t", "x", "y")
                .line("one", X, new double[] {Double.NaN, 2, Double.NaN})
                .line("three", X, Y);
        assertEquals(SeriesMarkers.CIRCLE, drawn(chart, "one").getMarker());
        assertEquals(SeriesMarkers.NONE, drawn(chart, "three").getMarker());
    }

    @Test
    void pointsAreNotJoined() {
        Chart chart = Chart.of("a", "x", "y").points("b", X, Y);
        assertEquals(SeriesLines.NONE, drawn(chart, "b").getLineStyle());
    }

    /** A pixel of every mark has a mark, in the image's 760 times 460 pixels. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noMarkIsLostThatWouldBeSeen(boolean logarithmic) {
        double[] x = Arrays.stream(noise(20_000, 1)).map(Math::exp).toArray();
        double[] y = Arrays.stream(noise(20_000, 2)).map(Math::exp).toArray();
        x[0] = 40;
        y[0] = 40;
        Line line = new Line("b", x, y, Colour.BLUE, Line.Style.POINTS, true);
        Thinning thinning = thinning(line, logarithmic);
        Set<List<Double>> pixels = new HashSet<>();
        Line marks = thinning.marks(line);
        for (int i = 0; i < marks.x().length; i++) {
            assertTrue(pixels.add(pixel(thinning, marks, i)), "two marks on one pixel");
        }
        for (int i = 0; i < x.length; i++) {
            assertTrue(pixels.contains(pixel(thinning, line, i)), "none at " + x[i] + ", " + y[i]);
        }
    }

    private static List<Double> pixel(Thinning thinning, Line line, int point) {
        return List.of(
                Math.floor(thinning.x().share(line.x()[point]) * 760),
                Math.floor(thinning.y().share(line.y()[point]) * 460));
    }

    @Test
    void twentyThousandScatteredPointsAreBelow300kB() {
        String svg = Chart.of("a", "x", "y")
                .points("b", noise(20_000, 1), noise(20_000, 2))
                .svg();
        assertTrue(svg.length() < 300_000, svg.length() + " bytes");
    }

    /** Marks are steps from one another, in tenths of a pixel; their sum must not drift. */
    @Test
    void marksInAPathAreWhereXChartDrawsThem() {
        double[] y = new Random(3).doubles(500).toArray();
        String svg = Chart.of("a", "x", "y").points("b", steps(500), y).svg();
        double[] at = new double[2];
        double[] ends = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
        int marks = 0;
        Matcher step = Pattern.compile("m(-?[0-9.]+) (-?[0-9.]+)h0")
                .matcher(svg.lines()
                        .filter(line -> line.contains("h0m"))
                        .findFirst()
                        .orElseThrow());
        while (step.find()) {
            at[0] += Double.parseDouble(step.group(1));
            at[1] += Double.parseDouble(step.group(2));
            ends[0] = Math.min(ends[0], at[0]);
            ends[1] = Math.max(ends[1], at[0]);
            marks++;
        }
        assertEquals(500, marks);
        assertTrue(ends[0] > 50 && ends[1] < 760 && ends[1] - ends[0] > 600, Arrays.toString(ends));
    }

    @Test
    void whatIsOutsideOfThePlotIsClipped() throws Exception {
        String svg = Chart.of("a", "x", "y").line("b", Y).yBetween(1.5, 2.5).svg();
        Document document = parsed(svg);
        String name = ((Element) document.getElementsByTagName("clipPath").item(0)).getAttribute("id");
        assertTrue(svg.contains("clip-path=\"url(#" + name + ")\""), svg);
    }

    /** The ends of double's range, its smallest numbers, neighbours, and the same one twice, on every kind of axis. */
    @ParameterizedTest
    @CsvSource({
        "-1.7976931348623157e308, 1.7976931348623157e308",
        "0, 1.7e308",
        "1e308, 1.1e308",
        "1e308, 1e308",
        "-1e308, -1e308",
        "1e15, 1e16",
        "0, 4.9e-324",
        "4.9e-324, 4.9e-324",
        "4.9e-324, 1.7e308",
        "-1e-323, 1e-323",
        "1e-100, 1e100",
        "1, 1.0000000000000002",
        "1e16, 1.0000000000000002e16",
        "123456789, 123456789.5",
        "0, 0",
        "-7, -7",
        "1, 1"
    })
    void aChartOfFiniteNumbersIsDrawn(double one, double other) throws Exception {
        double[] values = {one, other};
        double[] usual = {1, 2};
        Chart across = Chart.of("a", "x", "y").line("b", values, usual).level("c", 1.5);
        Chart up = Chart.of("a", "x", "y").dashed("b", Colour.BLUE, usual, values);
        Chart points = Chart.of("a", "x", "y").points("b", values, values);
        Chart between = Chart.of("a", "x", "y").line("b", usual, values).yBetween(0, 1);
        for (Chart chart : List.of(
                across, across.logX(), up, up.logY(), points, points.logX().logY(), between, between.logY())) {
            String svg = chart.svg();
            assertEquals("a", parsed(svg).getDocumentElement().getAttribute("aria-label"));
            assertTrue(svg.length() < 100_000, svg.length() + " bytes");
            assertFalse(svg.contains("NaN") || svg.contains("Infinity"), svg);
            assertEquals(760, chart.image().getWidth());
        }
    }

    @Test
    void anAxisOfHugeNumbersSaysItsUnit() {
        Line line = new Line("b", X, new double[] {-1e308, 0, 1.5e308}, Colour.BLUE, Line.Style.SOLID, true);
        Scale up = Scale.of(Axis.of("loss"), line.y());
        assertEquals("loss (\u00d7 1e308)", up.axis().name());
        assertEquals(1.5, up.of(1.5e308), 1e-12);
        Scale decades = Scale.of(Axis.of("loss").withLogarithmic(true), new double[] {1e-200, 1});
        assertEquals("log10 of loss", decades.axis().name());
        assertEquals(-200, decades.of(1e-200), 1e-12);
    }

    @Test
    void anAxisThatEndsBelowItsBeginningIsRefused() {
        Chart chart = Chart.of("a", "x", "y");
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> chart.yBetween(2, 1));
        assertEquals("a y axis must end above where it begins, got 2.0 to 1.0", refusal.getMessage());
    }

    @Test
    void seedsAreThinnerThanTheirMean() {
        Map<String, XYSeries> drawn = Chart.of("a", "x", "y")
                .each("seed", X, new double[][] {Y, X})
                .line("mean", X, Y)
                .drawn()
                .getSeriesMap();
        assertEquals(2, drawn.get("mean").getLineStyle().getLineWidth());
        assertEquals(1, drawn.get("seed 2").getLineStyle().getLineWidth());
    }

    @Test
    void whatALogarithmicAxisCannotShowIsLeftOut() throws Exception {
        double[] with = {0, Double.NaN, 1};
        Chart chart = Chart.of("a", "x", "y").line("some", X, with).line("none", X, new double[3]);
        Document document = parsed(chart.logY().svg());
        assertEquals(1, document.getElementsByTagName("text").getLength());
    }

    @Test
    void anImageHasTheSizeOfAllCharts() {
        var image = Chart.of("a", "x", "y").line("b", Y).image();
        assertEquals(760, image.getWidth());
        assertEquals(460, image.getHeight());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u03b4 = 0.00125", "at most 1.009e-3", "clip12 learning", "a < b & c > d"})
    void aNameIsWrittenAsItIs(String name) throws Exception {
        Document document = parsed(Chart.of("a", "x", "y").line(name, X, Y).svg());
        assertEquals(name, document.getElementsByTagName("text").item(0).getTextContent());
    }

    @Test
    void aLevelIsDrawnOnALogarithmicAxisToo() {
        XYChart chart = Chart.of("a", "x", "y")
                .line("b", new double[] {0, 1, 10}, Y)
                .level("mark", 2)
                .logX()
                .drawn();
        assertEquals(2, chart.getSeriesMap().get("mark").getXData().length);
    }

    @Test
    void theLanguageOfTheMachineChangesNoByte() {
        Chart chart = Chart.of("a", "x", "y").line("b", X, new double[] {1000.5, 2000.25, 3000.125});
        String here = chart.svg();
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.GERMANY);
            assertEquals(here, chart.svg());
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void manySeedsMakeNoLargeFile() {
        double[] x = steps(5_000);
        double[][] curves =
                IntStream.range(0, 20).mapToObj(seed -> noise(x.length, seed)).toArray(double[][]::new);
        String svg = Chart.of("a", "x", "y").each("seed", x, curves).svg();
        assertTrue(svg.length() < 300_000, svg.length() + " bytes");
    }

    @Test
    void aNameThatCannotBeShownIsRefused() {
        Chart chart = Chart.of("a", "x", "y");
        assertThrows(IllegalArgumentException.class, () -> chart.line("", Y));
        assertThrows(IllegalArgumentException.class, () -> chart.line("a\0b", Y));
    }

    @Test
    void twoLinesOfOneNameAreRefused() {
        Chart chart = Chart.of("a", "x", "y").line("b", Y);
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> chart.line("b", Y));
        assertEquals("a chart must not have two lines of one name, got 'b'", refusal.getMessage());
    }

    @Test
    void aLineNeedsOneValueForEachPlace() {
        Chart chart = Chart.of("a", "x", "y");
        IllegalArgumentException refusal =
                assertThrows(IllegalArgumentException.class, () -> chart.line("b", X, new double[2]));
        assertEquals("line 'b' must have one y for each x, got 3 and 2", refusal.getMessage());
    }
}
