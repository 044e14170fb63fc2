/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.chart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.knowm.xchart.XYSeries;

/** Names of lines, however long they are and however many. */
class LegendTest {

    /** XChart writes a legend's letters as shapes. */
    private static final Pattern SHAPES =
            Pattern.compile("<g transform=\"translate\\(([-0-9.]+) ([-0-9.]+)\\)\">\\s*<path d=\"([^\"]*)\"");

    private static final Pattern POINT = Pattern.compile("([-0-9.]+),([-0-9.]+)");
    private static final Pattern TEXT = Pattern.compile("<text[^>]*? x=\"([-0-9.]+)\"[^>]*>([^<]*)</text>");
    private static final Pattern SIZE = Pattern.compile("viewBox=\"0 0 ([0-9.]+) ([0-9.]+)\"");

    private static String name(int number, int letters) {
        String words =
                "line " + number + " of a policy with its own settings and a long, long story to tell about them all; ";
        return words.repeat(letters / words.length() + 1).substring(0, letters).strip();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 10", "1, 200", "2, 60", "2, 90", "3, 40", "3, 70", "4, 30", "4, 120", "5, 130", "9, 100", "14, 50",
        "16, 40", "30, 110"
    })
    void everyNameLiesWithinThePicture(int lines, int letters) {
        for (boolean legend : new boolean[] {true, false}) {
            for (boolean unbroken : new boolean[] {true, false}) {
                Chart chart = Chart.of("title", "x", "y");
                StringBuilder all = new StringBuilder();
                for (int i = 0; i < lines; i++) {
                    String name = unbroken ? name(i, letters).replaceAll("\\W", "_") : name(i, letters);
                    chart = chart.line(name, new double[] {1, 2, 3}, new double[] {i, 2 * i, 1});
                    all.append(name.replaceAll("\\s", ""));
                }
                String svg = (legend ? chart.withLegend() : chart).svg();
                Matcher size = SIZE.matcher(svg);
                assertTrue(size.find());
                double width = Double.parseDouble(size.group(1));
                double height = Double.parseDouble(size.group(2));
                assertWithin(svg, width, height);
                // and no name is shortened
                String written = chart.drawn().getSeriesMap().values().stream()
                        .filter(XYSeries::isShowInLegend)
                        .map(series -> series.getLabel().replaceAll("\\s", ""))
                        .collect(Collectors.joining());
                assertEquals(all.toString(), written);
                assertEquals(lines, chart.labels().size());
            }
        }
    }

    private static void assertWithin(String svg, double width, double height) {
        Matcher shapes = SHAPES.matcher(svg);
        while (shapes.find()) {
            double x = Double.parseDouble(shapes.group(1));
            double y = Double.parseDouble(shapes.group(2));
            Matcher points = POINT.matcher(shapes.group(3));
            while (points.find()) {
                double px = x + Double.parseDouble(points.group(1));
                double py = y + Double.parseDouble(points.group(2));
                assertTrue(px >= 0 && px <= width, "a letter at " + px + " of " + width);
                assertTrue(py >= 0 && py <= height, "a letter at " + py + " of " + height);
            }
        }
        Matcher text = TEXT.matcher(svg);
        while (text.find()) {
            double end = Double.parseDouble(text.group(1)) + Legend.width(text.group(2));
            assertTrue(end <= width, text.group(2) + " ends at " + end + " of " + width);
        }
    }
}
