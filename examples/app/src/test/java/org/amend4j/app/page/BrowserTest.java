/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.amend4j.app.job.Report;
import org.amend4j.chart.Chart;
import org.amend4j.testkit.Browser;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pages in a real browser: headless Chromium. Pictures of them stay in {@code target/pages}. */
@Tag("exhaustive")
class BrowserTest {

    private static final Path PAGES = Browser.PICTURES;

    private record Row(String method, double accuracy, long parameters, List<Double> losses) {}

    private record Facts(String data, long seed, List<Row> methods, List<String> remarks) {}

    /** Where it is missing there is nothing to test. */
    @BeforeEach
    void requireBrowser() {
        assumeTrue(Browser.isThere(), "no browser");
    }

    private static List<String> console(Path page, Path picture, int width, boolean dark) throws IOException {
        return Browser.the().look(page.toUri(), picture, width, dark).console();
    }

    @Test
    void aReportPageOpensWithoutAWordOnTheConsole() throws Exception {
        Files.createDirectories(PAGES);
        double[] steps = IntStream.rangeClosed(1, 200).asDoubleStream().toArray();
        Chart chart = Chart.of("Smallest gradient norm", "steps (logarithmic)", "norm (logarithmic)")
                .line("measured", steps, Arrays.stream(steps).map(t -> 1 / t).toArray())
                .dashed(
                        "bound",
                        steps,
                        Arrays.stream(steps).map(t -> 3 / Math.sqrt(t)).toArray())
                .logX()
                .logY();
        Map<String, Chart> charts = new LinkedHashMap<>();
        charts.put("gradient", chart);
        Facts facts = new Facts(
                "Fashion-MNIST",
                1,
                List.of(
                        new Row("head only", 0.854, 970, List.of(1.0, 0.5)),
                        new Row("LoRA", 0.898, 51_402, List.of(0.9, 0.4, 0.2))),
                List.of("a remark that is a whole sentence, and so has a line of its own"));
        Report report = new Report(facts, "printed")
                .keep(PAGES.resolve("report.json"), "A report", ChartFiles.write(charts, 1, PAGES, "chart.png"));
        ReportPage.write(report, List.of("demo", "--seed", "1"), "0.1.0");
        OpenPages.opens(PAGES.resolve("report.json"), "report");
        assertEquals(
                400, ImageIO.read(PAGES.resolve("report-phone.png").toFile()).getWidth());
    }

    /** The test can fail: a page that breaks its own policy is told of. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({"script", "style"})
    void aPageThatAsksForMoreIsNoticed(String kind) throws Exception {
        Files.createDirectories(PAGES);
        Path page = PAGES.resolve(kind + ".html");
        String more = kind.equals("script")
                ? "<script>console.error('no')</script>"
                : "<link rel=\"stylesheet\" href=\"https://example.org/a.css\" />";
        Files.writeString(page, Sheet.end(Sheet.begin("broken").markup(more)));
        assertEquals(1, console(page, PAGES.resolve(kind + ".png"), 400, false).size());
    }

    /** So can this one. */
    @Test
    void aPageThatIsWiderThanAPhoneIsNoticed() throws Exception {
        Files.createDirectories(PAGES);
        Path page = PAGES.resolve("wide.html");
        Files.writeString(page, Sheet.end(Sheet.begin("wide").element("p", "wide", "style", "width: 500px")));
        assertTrue(Browser.the()
                        .look(page.toUri(), PAGES.resolve("wide.png"), 400, false)
                        .widest()
                >= 500);
    }
}
