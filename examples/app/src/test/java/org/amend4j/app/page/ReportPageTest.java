/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.page;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.amend4j.app.job.Report;
import org.amend4j.chart.Chart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

class ReportPageTest {

    private record Method(String name, double accuracy, List<Double> losses) {}

    private record Facts(int seed, String data, List<Method> methods, Optional<String> label, double secondsPerStep) {}

    private static final Facts FACTS = new Facts(
            7,
            "<script>alert(1)</script>",
            List.of(
                    new Method("head only", 0.75, List.of(1.0, 0.5)),
                    new Method(
                            "LoRA",
                            0.9,
                            DoubleStream.iterate(1, loss -> loss / 2)
                                    .limit(50)
                                    .boxed()
                                    .toList())),
            Optional.empty(),
            0.0123456);

    @TempDir
    private Path folder;

    private Document page(List<String> command) throws Exception {
        List<Path> figures = ChartFiles.write(
                Map.of("chart", Chart.of("accuracy", "epochs", "right, %").line("LoRA", new double[] {10, 20})),
                1,
                folder,
                "chart.png");
        Report report = new Report(FACTS, "what was printed").keep(folder.resolve("report.json"), "A title", figures);
        ReportPage.write(report, command, "0.1.0");
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(folder.resolve("report.html").toFile());
    }

    private static List<String> texts(Document page, String element) {
        NodeList found = page.getElementsByTagName(element);
        return IntStream.range(0, found.getLength())
                .mapToObj(i -> found.item(i).getTextContent().strip())
                .toList();
    }

    @Test
    void aPageHasChartNumbersAndHowToRepeatIt() throws Exception {
        Document page = page(List.of("demo", "--seed", "7", "--out", "my folder"));
        assertEquals(List.of("A title"), texts(page, "h1"));
        assertEquals(List.of("Summary", "Numbers", "How to repeat it", "Computed with"), texts(page, "h2"));
        assertEquals(1, page.getElementsByTagName("svg").getLength());
        assertEquals(List.of("what was printed", "./amend4j demo --seed 7 --out 'my folder'"), texts(page, "pre"));
        List<String> cells = texts(page, "td");
        assertTrue(cells.contains("0.01235"), cells.toString());
        assertTrue(cells.contains("1, 0.5"), cells.toString());
        assertTrue(cells.contains("1, 0.5, \u2026, 1.776e-15 (50 values)"), cells.toString());
        assertTrue(
                texts(page, "th").contains("seconds per step"),
                texts(page, "th").toString());
        assertFalse(texts(page, "th").contains("label"), "what is not there has no row");
    }

    @Test
    void aPageNeedsNothingElseAndRunsNothing() throws Exception {
        Document page = page(List.of("demo"));
        assertEquals(0, page.getElementsByTagName("script").getLength());
        assertEquals(0, page.getElementsByTagName("link").getLength());
        assertEquals(0, page.getElementsByTagName("img").getLength());
        assertTrue(texts(page, "td").contains(FACTS.data()));
        assertFalse(Files.readString(folder.resolve("report.html")).contains("http-equiv=\"refresh\""));
    }

    @Test
    void aReportThatWasNotWrittenHasNoPage() throws Exception {
        ReportPage.write(new Report(FACTS, "text"), List.of("lora", "info"), "0.1.0");
        try (var files = Files.list(folder)) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void aPageDoesNotTellWhomACommandWasAbout() throws Exception {
        Document page = page(List.of("unlearn", "plan", "run", "--subject", "Ann", "--subject=Bob", "--resume"));
        assertEquals(
                "./amend4j unlearn plan run --subject SUBJECT --subject SUBJECT",
                texts(page, "pre").get(1));
    }

    @Test
    void nothingOfTheFactsIsLeftOut() throws Exception {
        Report report = new Report(
                        Map.of("matrix", List.of(List.of(1.5, 2.5)), "mixed", List.of(List.of(1), "x")), "text")
                .keep(folder.resolve("report.json"), "A title", List.of());
        ReportPage.write(report, List.of("demo"), "0.1.0");
        String page = Files.readString(folder.resolve("report.html"));
        assertTrue(page.contains("[[1.5,2.5]]"), page);
        assertTrue(page.contains("[[1],&quot;x&quot;]"), page);
    }

    /** A line of 100 letters fits, and nothing is lost of a longer one. */
    @Test
    void longLinesOfWhatWasPrintedAreFoldedAtSpacesUnlessTheyHaveColumns() throws Exception {
        String words = "word ".repeat(25).strip();
        String row = "a column   another   " + words;
        Report report = new Report(FACTS, row + "\n" + words + " end\n" + "x".repeat(130))
                .keep(folder.resolve("report.json"), "A title", List.of());
        ReportPage.write(report, List.of("demo"), "0.1.0");
        String page = Files.readString(folder.resolve("report.html"));
        String first = "word ".repeat(23).strip();
        assertTrue(page.contains(row + "\n" + first + "\nword word end\n" + "x".repeat(130)), page);
    }

    @Test
    void thePageIsBesideTheFileUnderItsName() {
        assertEquals(Path.of("out", "grid.html"), ReportPage.file(Path.of("out", "grid.json")));
    }
}
