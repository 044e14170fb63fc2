/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.w3c.dom.Document;
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
        Line thin = new Line("y", steps(y.length), y, Colour.BLUE, Line.Style.SOLID, true).thinned(100, logarithmic);
        assertTrue(thin.x().length <= 400, thin.x().length + " points");
        assertEquals(7, Arrays.stream(thin.y()).max().orElseThrow());
        assertEquals(-7, Arrays.stream(thin.y()).min().orElseThrow());
        assertEquals(1, thin.x()[0]);
        assertEquals(50_000, thin.x()[thin.x().length - 1]);
        assertEquals(y[49_999], thin.y()[thin.y().length - 1]);
    }

    /** Dashes begin anew at every point: where points are closer than a dash, there would be no gap. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDashedLineOfManyPointsHasGaps(boolean logarithmic) {
        double[] x = steps(10_000);
        Chart dashed = Chart.of("a", "x", "y").dashed("b", Colour.BLUE, x, x).logY();
        XYSeries drawn =
                (logarithmic ? dashed.logX() : dashed).drawn().getSeriesMap().get("b");
        assertTrue(drawn.getXData().length <= 46, drawn.getXData().length + " points");
        Line coarse = new Line("b", x, x, Colour.BLUE, Line.Style.DASHED, true).coarse(45, logarithmic);
        assertTrue(coarse.x().length <= 46, coarse.x().length + " points");
        assertEquals(1, coarse.x()[0]);
        assertEquals(10_000, coarse.x()[coarse.x().length - 1]);
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
