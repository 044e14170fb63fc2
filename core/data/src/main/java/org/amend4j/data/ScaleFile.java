/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Frozen constants that scale the columns of a table: a CSV file with a line for each column of features and the header
 * {@code column,centre,width} or {@code column,min,max}.
 */
public final class ScaleFile {

    /** A line: the column, and two finite numbers. */
    public record Line(String column, double first, double second) {}

    private static final List<String> CENTRES = List.of("column", "centre", "width");
    private static final List<String> RANGES = List.of("column", "min", "max");

    private final boolean ranges;
    private final List<Line> lines;

    private ScaleFile(boolean ranges, List<Line> lines) {
        this.ranges = ranges;
        this.lines = List.copyOf(lines);
    }

    /**
     * Reads a file.
     *
     * @throws BadInputException naming the line
     */
    public static ScaleFile read(Path file) {
        List<CsvTable.Line> all = CsvTable.lines(file);
        List<String> header = all.isEmpty()
                ? List.of()
                : all.get(0).cells().stream().map(String::strip).toList();
        if (!header.equals(CENTRES) && !header.equals(RANGES)) {
            throw new BadInputException(
                    file + " must begin with the line 'column,centre,width' or 'column,min,max', got '"
                            + String.join(",", header) + "'");
        }
        boolean ranges = header.equals(RANGES);
        List<Line> lines = new ArrayList<>();
        for (CsvTable.Line line : all.subList(1, all.size())) {
            Line read = new Line(line.cells().get(0).strip(), number(file, line, 1), number(file, line, 2));
            if (ranges ? !(read.first() < read.second()) : !(read.second() > 0)) {
                throw new BadInputException(file + ", line " + line.number() + ": "
                        + (ranges ? "min must be below max" : "width must be > 0") + ", got " + read.first() + " and "
                        + read.second());
            }
            lines.add(read);
        }
        if (lines.isEmpty()) {
            throw new BadInputException(file + " has a header and no columns");
        }
        return new ScaleFile(ranges, lines);
    }

    private static double number(Path file, CsvTable.Line line, int cell) {
        return CsvTable.number(file, line, cell, line.cells().get(cell).strip());
    }

    /** Whether the numbers are the ends of ranges; otherwise they are centres and widths. */
    public boolean hasRanges() {
        return ranges;
    }

    /** All lines. */
    public List<Line> lines() {
        return lines;
    }
}
