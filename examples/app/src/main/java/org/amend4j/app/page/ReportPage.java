/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.page;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.amend4j.app.files.WholeFile;
import org.amend4j.app.job.Report;
import org.amend4j.data.BadInputException;
import org.amend4j.html.Html;

/**
 * A report as a page for people: one file, which needs nothing else and no network. Charts and other views first, then what the command printed, all
 * numbers, how to repeat it and with what it was computed.
 */
public final class ReportPage {

    private static final String SUFFIX = ".html";

    /** Letters of what was printed. */
    private static final int WIDEST = 116;

    private static final Pattern COLUMNS = Pattern.compile("\\S  +\\S.*\\S  +\\S");

    /** Options with values that name people. */
    private static final Set<String> SUBJECTS = Set.of("--subject", "--subjects-file");

    private static final String HIDDEN = "SUBJECT";

    private ReportPage() {}

    /**
     * Writes a page next to a report's JSON, with the same name, if the report was written.
     *
     * @param command that made it, word by word
     * @param version of this program
     */
    public static void write(Report report, List<String> command, String version) throws IOException {
        if (report.kept().isPresent()) {
            Path json = report.kept().get();
            WholeFile.write(file(json), html(report, json, command, version).getBytes(StandardCharsets.UTF_8));
        }
    }

    /** Where the page of a JSON file is. */
    public static Path file(Path json) {
        return json.resolveSibling(json.getFileName().toString().replaceAll("\\.json$", "") + SUFFIX);
    }

    /**
     * An earlier report may be replaced by one like it, and nothing else by a report.
     *
     * @param option how the user named the file
     * @throws BadInputException if there is a file in its place, or in its page's, that is no report with this title
     */
    public static void requireReplaceable(String option, Path json, String title) throws IOException {
        Path page = file(json);
        boolean isReport = Files.isRegularFile(page) && Files.readString(page).contains(heading(title));
        for (Path taken : List.of(json, page)) {
            if (Files.exists(taken) && !isReport) {
                throw new BadInputException(option + ": " + taken + " exists and is no earlier report \"" + title
                        + "\"; remove it or choose another name");
            }
        }
    }

    private static String heading(String title) {
        return Html.fragment().element("h1", title).markup().strip();
    }

    private static String html(Report report, Path json, List<String> command, String version) throws IOException {
        Html html = Sheet.begin(report.look().title());
        html.element("h1", report.look().title());
        html.element("p", report.result(), "class", "result");
        for (Path figure : report.look().figures()) {
            html.open("figure").markup(Files.readString(figure)).close();
        }
        report.look().views().forEach(html::view);
        html.element("h2", "Summary").element("pre", folded(report.text().strip()), "class", "printed");
        html.element("h2", "Numbers");
        new FactsSection(html).add(report.tree());
        html.element("h2", "How to repeat it").element("pre", words(command));
        html.element("h2", "Computed with");
        html.facts(environment(version));
        html.element(
                "p",
                "Numbers above are rounded, bounds among them; all digits are in " + json.getFileName() + ".",
                "class",
                "quiet");
        return Sheet.end(html);
    }

    /** With breaks in sentences that are longer than what a page is wide: a browser breaks no line here, for the sake of tables. */
    private static String folded(String text) {
        return text.lines().map(ReportPage::foldedLine).collect(Collectors.joining("\n"));
    }

    private static String foldedLine(String line) {
        if (COLUMNS.matcher(line).find()) {
            return line;
        }
        StringBuilder folded = new StringBuilder();
        String rest = line;
        while (rest.length() > WIDEST && rest.lastIndexOf(' ', WIDEST) > 0) {
            int end = rest.lastIndexOf(' ', WIDEST);
            folded.append(rest, 0, end).append('\n');
            rest = rest.substring(end).stripLeading();
        }
        return folded.append(rest).toString();
    }

    /**
     * As a shell takes it. Who repeats a run begins it, also where this one was resumed; and a page does not tell whom a command was
     * about.
     */
    private static String words(List<String> command) {
        List<String> shown = new ArrayList<>();
        boolean subject = false;
        for (String word : command) {
            boolean isOption = SUBJECTS.contains(word);
            boolean isAssigned = SUBJECTS.stream().anyMatch(option -> word.startsWith(option + "="));
            if (isAssigned) {
                shown.add(word.substring(0, word.indexOf('=')));
            }
            if (subject || isAssigned) {
                shown.add(HIDDEN);
            } else if (!word.equals("--resume")) {
                shown.add(word);
            }
            subject = isOption;
        }
        return shown.stream()
                .map(word -> word.matches("[A-Za-z0-9_./:=,@%+-]+") ? word : "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" ", "./amend4j ", ""));
    }

    private static Map<String, String> environment(String version) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("amend4j", version);
        facts.put("Java", Runtime.version().toString());
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        facts.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        return facts;
    }
}
