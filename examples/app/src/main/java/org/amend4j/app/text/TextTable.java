/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.amend4j.app.text.TableLines.Line;
import org.amend4j.data.BadInputException;
import org.amend4j.internal.text.Shown;

/**
 * A table of texts with labels: lines of cells between tabs, CSV, or an object of JSON in each line.
 *
 * @param rows in the file's order
 */
public record TextTable(List<Row> rows) {

    /**
     * A line.
     *
     * @param line its number in the file, from 1
     * @param label its class
     * @param texts one, or two of a pair
     */
    public record Row(int line, String label, List<String> texts) {}

    /** Copies the list. */
    public TextTable {
        rows = List.copyOf(rows);
    }

    /** Whether a file is a table by its name. */
    public static boolean isTable(Path file) {
        return TableLines.isTable(file);
    }

    /**
     * Reads a file; empty lines are passed over.
     *
     * @param columns that of the label and those of one text or two: numbers from 0, or names of a header that the first line
     *     then is; empty for the first columns, as many as there are, or, where the first line has the cell "label", for that and the
     *     others. A file of JSON has names
     * @throws BadInputException naming file and line
     */
    public static TextTable read(Path file, List<String> columns) {
        List<Line> lines = TableLines.read(file);
        List<String> first = lines.get(0).cells();
        boolean header = TableLines.hasNames(file)
                || (columns.isEmpty()
                        ? label(first) >= 0
                        : columns.stream().anyMatch(column -> !column.matches("\\d{1,4}")));
        int[] places = columns.isEmpty() ? usualPlaces(file, first) : namedPlaces(file, columns, first);
        List<Row> rows = new ArrayList<>();
        for (Line line : lines.subList(header ? 1 : 0, lines.size())) {
            rows.add(row(file, line, places, first.size()));
        }
        if (rows.isEmpty()) {
            throw new BadInputException(file + " has a header and no rows");
        }
        return new TextTable(rows);
    }

    private static int label(List<String> first) {
        return IntStream.range(0, first.size())
                .filter(k -> first.get(k).strip().equalsIgnoreCase("label"))
                .findFirst()
                .orElse(-1);
    }

    private static int[] usualPlaces(Path file, List<String> first) {
        int width = first.size();
        if (width != 2 && width != 3) {
            throw new BadInputException(
                    file + " must have the columns label, text or label, text, text; the first line has " + width
                            + (width == 1 ? " cell" : " cells") + ": --columns names the label's and the texts'");
        }
        int label = Math.max(0, label(first));
        return IntStream.concat(IntStream.of(label), IntStream.range(0, width).filter(k -> k != label))
                .toArray();
    }

    private static int[] namedPlaces(Path file, List<String> columns, List<String> first) {
        if (columns.size() != 2 && columns.size() != 3) {
            throw new BadInputException(
                    "--columns must name the label's column and one or two of texts, got " + String.join(",", columns));
        }
        return columns.stream().mapToInt(column -> place(file, column, first)).toArray();
    }

    private static int place(Path file, String column, List<String> first) {
        int width = first.size();
        int place = column.matches("\\d{1,4}") ? Integer.parseInt(column) : first.indexOf(column);
        if (place < 0 || place >= width) {
            throw new BadInputException("--columns: " + file + " has no column '" + column + "', its first line has "
                    + width + ": "
                    + first.stream().limit(Math.min(8, width)).map(Shown::of).collect(Collectors.joining(", ")));
        }
        return place;
    }

    private static Row row(Path file, Line line, int[] places, int width) {
        String where = "line " + line.number() + " of " + file;
        List<String> cells = line.cells();
        if (cells.size() != width) {
            throw new BadInputException(
                    where + " must have as many cells as the first one, " + width + ", got " + cells.size());
        }
        List<String> chosen = Arrays.stream(places)
                .mapToObj(place -> cells.get(place).strip())
                .toList();
        if (chosen.contains("")) {
            throw new BadInputException(where + " has an empty cell where a label or a text should be");
        }
        return new Row(line.number(), chosen.get(0), chosen.subList(1, chosen.size()));
    }

    /**
     * The classes with a single row each, which nothing can be learned of and tested on.
     *
     * @throws BadInputException if most classes are so: then labels and texts have changed places, or there are no labels
     */
    public List<String> lonely() {
        Map<String, Long> counts =
                rows.stream().collect(Collectors.groupingBy(Row::label, TreeMap::new, Collectors.counting()));
        List<String> lonely = counts.entrySet().stream()
                .filter(label -> label.getValue() == 1)
                .map(Map.Entry::getKey)
                .toList();
        if (lonely.size() > 2 && 2 * lonely.size() > counts.size()) {
            throw new BadInputException("--text has " + counts.size() + " classes, " + lonely.size()
                    + " of them of one row each, such as " + Shown.quoted(lonely.get(0))
                    + ": the label comes first, unless --columns or a first line with the cell label says where it is");
        }
        return lonely;
    }

    /** Whether its rows have two texts. */
    public boolean hasPairs() {
        return rows.get(0).texts().size() == 2;
    }

    /** The labels in alphabetical order, or in that of numbers if all are. */
    public List<String> classes() {
        List<String> found = rows.stream().map(Row::label).distinct().sorted().toList();
        return found.stream().allMatch(label -> label.matches("-?\\d{1,9}"))
                ? found.stream()
                        .sorted(java.util.Comparator.comparing(Integer::valueOf))
                        .toList()
                : found;
    }
}
