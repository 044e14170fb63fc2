/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.amend4j.app.data.BadInputException;
import org.amend4j.internal.text.Shown;

/**
 * A table of texts with labels: a line each, cells separated by tabs, nothing quoted.
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

    /**
     * Reads a file; empty lines are passed over.
     *
     * @param columns that of the label and those of one text or two: numbers from 0, or names of a header that the first line
     *     then is; empty for the first columns, as many as there are: a first line that begins with the cell "label" is a header
     * @throws BadInputException naming file and line
     */
    public static TextTable read(Path file, List<String> columns) {
        List<String[]> lines = lines(file);
        boolean header = columns.isEmpty()
                ? lines.get(0)[0].strip().equalsIgnoreCase("label")
                : columns.stream().anyMatch(column -> !column.matches("\\d{1,4}"));
        int[] places = places(file, columns, lines.get(0));
        List<Row> rows = new ArrayList<>();
        for (int k = header ? 1 : 0; k < lines.size(); k++) {
            rows.add(row(file, lines.get(k), places, lines.get(0).length));
        }
        if (rows.isEmpty()) {
            throw new BadInputException(file + " has a header and no rows");
        }
        return new TextTable(rows);
    }

    /** The last cell of each is the line's number. */
    private static List<String[]> lines(Path file) {
        List<String[]> lines = new ArrayList<>();
        String[] all = Texts.read(file).split("\n", -1);
        for (int k = 0; k < all.length; k++) {
            if (!all[k].isBlank()) {
                lines.add((all[k] + "\t" + (k + 1)).split("\t", -1));
            }
        }
        return lines;
    }

    private static int[] places(Path file, List<String> columns, String... first) {
        int width = first.length - 1;
        if (columns.isEmpty()) {
            if (width != 2 && width != 3) {
                throw new BadInputException(
                        file + " must have lines of label, tab, text, or of label, tab, text, tab, text, the"
                                + " first one has " + width + (width == 1 ? " cell" : " cells")
                                + ": --columns names the label's and the texts'");
            }
            return width == 2 ? new int[] {0, 1} : new int[] {0, 1, 2};
        }
        if (columns.size() != 2 && columns.size() != 3) {
            throw new BadInputException(
                    "--columns must name the label's column and one or two of texts, got " + String.join(",", columns));
        }
        return columns.stream().mapToInt(column -> place(file, column, first)).toArray();
    }

    private static int place(Path file, String column, String... first) {
        int width = first.length - 1;
        int place = column.matches("\\d{1,4}")
                ? Integer.parseInt(column)
                : Arrays.asList(first).subList(0, width).indexOf(column);
        if (place < 0 || place >= width) {
            throw new BadInputException("--columns: " + file + " has no column '" + column + "', its first line has "
                    + width + ": "
                    + Arrays.stream(first)
                            .limit(Math.min(8, width))
                            .map(Shown::of)
                            .collect(Collectors.joining(", ")));
        }
        return place;
    }

    private static Row row(Path file, String[] cells, int[] places, int width) {
        String line = "line " + cells[cells.length - 1] + " of " + file;
        if (cells.length != width) {
            throw new BadInputException(
                    line + " must have as many cells as the first one, " + (width - 1) + ", got " + (cells.length - 1));
        }
        List<String> chosen =
                Arrays.stream(places).mapToObj(place -> cells[place].strip()).toList();
        if (chosen.contains("")) {
            throw new BadInputException(line + " has an empty cell where a label or a text should be");
        }
        return new Row(Integer.parseInt(cells[cells.length - 1]), chosen.get(0), chosen.subList(1, chosen.size()));
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
