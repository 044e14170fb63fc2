/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.io.BufferedWriter;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.amend4j.algorithm.Metric;
import org.amend4j.algorithm.UpdateRecord;
import org.amend4j.app.files.WholeFile;

/**
 * {@code metrics.csv}: a row for every update. Columns are the same for all algorithms; what an algorithm does not measure is
 * empty. All but the last column, {@code PolicyTraining.stepsPerSecond()} up to there, are the same however often a run was
 * interrupted.
 */
final class Metrics implements AutoCloseable {

    private static final String HEADER = Stream.concat(
                    Stream.of("update", "steps", "episodes", "evaluated_return"),
                    Stream.concat(
                            Stream.of(Metric.values())
                                    .map(metric -> metric.name().toLowerCase(Locale.ROOT)),
                            Stream.of("steps_per_second")))
            .collect(Collectors.joining(","));

    /** Which files of earlier versions lack. */
    private static final String NEWEST = Metric.RETURN_RANGE.name().toLowerCase(Locale.ROOT);

    private static final List<String> COLUMNS = List.of(HEADER.split(",", -1));

    private final BufferedWriter writer;

    private Metrics(BufferedWriter writer) {
        this.writer = writer;
    }

    /**
     * Goes on after an update; rows of later ones, which a checkpoint never saw, are dropped.
     *
     * @param updates 0 for a new file
     */
    static Metrics after(Path file, long updates) throws IOException {
        List<String> kept = new ArrayList<>(List.of(HEADER));
        if (updates > 0 && Files.exists(file)) {
            List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
            boolean older = !lines.isEmpty() && !lines.get(0).contains(NEWEST);
            lines.stream()
                    .skip(1)
                    .map(line -> older ? widened(line) : line)
                    .filter(line -> isWhole(line) && number(line.split(",", -1)[0]) <= updates)
                    .forEach(kept::add);
        }
        WholeFile.write(file, (String.join("\n", kept) + "\n").getBytes(StandardCharsets.UTF_8));
        // a channel would close when the thread is interrupted
        FileOutputStream stream = new FileOutputStream(file.toFile(), true);
        return new Metrics(new BufferedWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8)));
    }

    /** A row of a file without the newest column, which gets an empty cell. */
    private static String widened(String line) {
        List<String> cells = new ArrayList<>(List.of(line.split(",", -1)));
        cells.add(Math.min(cells.size(), COLUMNS.indexOf(NEWEST)), "");
        return String.join(",", cells);
    }

    /** A process that was killed leaves half a line. */
    private static boolean isWhole(String line) {
        return line.split(",", -1).length == HEADER.split(",", -1).length;
    }

    private static double number(String cell) {
        return cell.isEmpty() ? Double.NaN : Double.parseDouble(cell);
    }

    /** Adds a row, and hands it to the system. */
    void add(UpdateRecord record, OptionalDouble evaluated, double stepsPerSecond) {
        List<String> cells = new ArrayList<>();
        cells.add(Long.toString(record.update()));
        cells.add(Long.toString(record.steps()));
        cells.add(Integer.toString(record.episodes().size()));
        cells.add(cell(evaluated));
        for (Metric metric : Metric.values()) {
            cells.add(cell(record.get(metric)));
        }
        cells.add(String.format(Locale.ROOT, "%.0f", stepsPerSecond));
        try {
            writer.write(String.join(",", cells) + "\n");
            writer.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String cell(OptionalDouble value) {
        return value.isPresent() ? Double.toString(value.getAsDouble()) : "";
    }

    /**
     * What a learning curve is made of.
     *
     * @param steps so far
     * @param episodes of the row, those that its return is the mean of
     * @param value the return
     */
    record Point(long steps, int episodes, double value) {}

    /** The rows that have a return, by episodes played in training or else by an evaluation. */
    static List<Point> returns(Path file) throws IOException {
        return rows(file).stream()
                .filter(row -> !Double.isNaN(row.value()))
                .map(row -> new Point(row.steps(), Math.max(1, row.episodes()), row.value()))
                .toList();
    }

    /**
     * What warnings look at; numbers that were not measured are NaN.
     *
     * @param steps so far
     * @param episodes of the row
     * @param value mean return of those, or else of an evaluation
     * @param length mean number of their steps
     * @param range the largest less the smallest return of those episodes
     * @param entropy of the policy, mean of the update
     */
    record Row(long steps, int episodes, double value, double length, double range, double entropy) {}

    /** All whole rows of a file. */
    static List<Row> rows(Path file) throws IOException {
        List<Row> rows = new ArrayList<>();
        for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
            if (line.equals(HEADER) || !isWhole(line)) {
                continue;
            }
            String[] cells = line.split(",", -1);
            int episodes = Integer.parseInt(cells[2]);
            rows.add(new Row(
                    Long.parseLong(cells[1]),
                    episodes,
                    number(cells[episodes > 0 ? COLUMNS.indexOf("return") : 3]),
                    number(cells[COLUMNS.indexOf("episode_length")]),
                    number(cells[COLUMNS.indexOf(NEWEST)]),
                    number(cells[COLUMNS.indexOf("entropy")])));
        }
        return rows;
    }

    @Override
    public void close() throws IOException {
        writer.close();
    }
}
