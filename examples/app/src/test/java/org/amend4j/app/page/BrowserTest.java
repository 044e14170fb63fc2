/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.amend4j.app.job.Report;
import org.amend4j.chart.Chart;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pages in a real browser: headless Chromium. Pictures of them stay in {@code target/pages}. */
class BrowserTest {

    private static final Path BROWSER = Path.of("/usr/bin/chromium");
    private static final Path PAGES = Path.of("target", "pages").toAbsolutePath();

    private record Row(String method, double accuracy, long parameters, List<Double> losses) {}

    private record Facts(String data, long seed, List<Row> methods, List<String> remarks) {}

    /** Where it is missing there is nothing to test; in CI it must not be. */
    @BeforeEach
    void requireBrowser() {
        boolean there = Files.isExecutable(BROWSER);
        assertTrue(there || System.getenv("CI") == null, "CI must have " + BROWSER + " (.ci/run installs it)");
        assumeTrue(there, "no " + BROWSER);
    }

    @ParameterizedTest(name = "{0} pixels wide, dark: {1}")
    @CsvSource({"1000, false", "400, true"})
    void aReportPageOpensWithoutAWordOnTheConsole(int width, boolean dark) throws Exception {
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
        Path picture = PAGES.resolve("report-" + width + (dark ? "-dark" : "") + ".png");
        assertEquals(List.of(), console(PAGES.resolve("report.html"), picture, width, dark));
        assertEquals(width, ImageIO.read(picture.toFile()).getWidth());
    }

    /** What a page says on the console when it is opened; errors, if there is any. */
    private static List<String> console(Path page, Path picture, int width, boolean dark)
            throws IOException, InterruptedException {
        Files.deleteIfExists(picture);
        List<String> command = new ArrayList<>(List.of(
                BROWSER.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--enable-logging=stderr",
                "--user-data-dir=" + PAGES.resolve("profile"),
                "--window-size=" + width + ",1600",
                "--screenshot=" + picture));
        if (dark) {
            command.add("--blink-settings=preferredColorScheme=0");
        }
        command.add(page.toUri().toString());
        Path said = PAGES.resolve("browser.txt");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(said.toFile())
                .start();
        if (!process.waitFor(90, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the browser did not end within 90 seconds");
        }
        try (var lines = Files.lines(said, StandardCharsets.ISO_8859_1)) {
            return lines.filter(line -> line.contains("CONSOLE")).toList();
        }
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
}
