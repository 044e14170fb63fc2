/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/** Results as a Markdown table, printed as they come and written at the end, and as JSON with every single time. */
final class BenchReport {

    /**
     * One comparison.
     *
     * @param timing the times
     * @param subject the contender whose ratio to each other one is reported
     * @param otherProcessors mean number of processors other jobs kept busy meanwhile
     * @param facts further numbers worth keeping
     */
    record Result(PairedTiming timing, String subject, OptionalDouble otherProcessors, Map<String, Integer> facts) {}

    private final String name;
    private final Map<String, String> machine;
    private final StringBuilder markdown = new StringBuilder();
    private final Map<String, Object> json = new LinkedHashMap<>();

    BenchReport(String name, Map<String, String> machine) {
        this.name = name;
        this.machine = machine;
        machine.forEach((key, value) -> line("- " + key + ": " + value));
    }

    /** Adds and prints one comparison. */
    void add(String title, Result result) {
        line("");
        line("### " + title);
        line("");
        line("| contender | median ms | best ms | " + result.subject() + " ÷ it (median of paired ratios) |");
        line("|---|---|---|---|");
        PairedTiming timing = result.timing();
        for (String contender : timing.milliseconds().keySet()) {
            line(String.format(
                    Locale.ROOT,
                    "| %s | %.2f | %.2f | %.3f |",
                    contender,
                    timing.median(contender),
                    timing.best(contender),
                    timing.medianRatio(result.subject(), contender)));
        }
        line("");
        line(load(result.otherProcessors()));
        json.put(
                title,
                Map.of(
                        "milliseconds", timing.milliseconds(),
                        "facts", result.facts(),
                        "otherProcessors", result.otherProcessors().orElse(-1)));
    }

    /** Adds and prints one line of text, and keeps it. */
    void note(String text) {
        line(text);
    }

    /** Keeps a number in the JSON file only. */
    void keep(String key, Object value) {
        json.put(key, value);
    }

    /** Writes {@code <name>.md} and {@code <name>.json} into a directory, made if missing. */
    void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve(name + ".md"), markdown, StandardCharsets.UTF_8);
        ObjectMapper mapper = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
        Map<String, Object> all = Map.of("machine", machine, "results", json);
        Files.write(directory.resolve(name + ".json"), mapper.writeValueAsBytes(all));
    }

    private static String load(OptionalDouble processors) {
        if (processors.isEmpty()) {
            return "Load by other processes: unknown.";
        }
        String text = String.format(
                Locale.ROOT, "Other processes kept %.2f processors busy meanwhile.", processors.getAsDouble());
        return processors.getAsDouble() > 0.1 ? text + " **Too much for a valid timing.**" : text;
    }

    private void line(String text) {
        System.out.println(text);
        markdown.append(text).append('\n');
    }
}
