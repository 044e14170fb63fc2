/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.amend4j.data.CsvTable.Line;

/** A table for a regression: finite numbers, of which one or more columns are the targets. Its lines are those of a {@link CsvTable}. */
public final class NumberTable implements Labelled {

    private final float[] features;
    private final float[] targets;
    private final int size;
    private final int columns;

    private NumberTable(float[] features, float[] targets, int size, int columns) {
        this.features = features;
        this.targets = targets;
        this.size = size;
        this.columns = columns;
    }

    /** How many columns a file has. */
    public static int width(Path file) {
        return first(file, CsvTable.lines(file)).cells().size();
    }

    private static Line first(Path file, List<Line> lines) {
        if (lines.isEmpty()) {
            throw new BadInputException(file + " is empty");
        }
        return lines.get(0);
    }

    /**
     * Reads a file.
     *
     * @param wanted the targets' columns, by name or number with commas between them; empty: the last ones
     * @param count how many there are
     * @throws BadInputException naming file, line and column
     */
    public static NumberTable read(Path file, String wanted, int count) {
        List<Line> lines = CsvTable.lines(file);
        List<String> cells = first(file, lines).cells();
        List<Integer> targets = targets(file, cells, wanted, count);
        if (targets.stream().distinct().count() != count || cells.size() <= count) {
            throw new BadInputException("the model gives " + count + " numbers, so --labels must name " + count
                    + " of the " + cells.size() + " columns of " + file + ", and leave some for the features");
        }
        if (cells.stream().noneMatch(NumberTable::isNumber)) {
            lines = lines.subList(1, lines.size());
        }
        if (lines.isEmpty()) {
            throw new BadInputException(file + " has a header and no rows");
        }
        int width = cells.size() - count;
        float[] features = new float[Math.multiplyExact(lines.size(), width)];
        float[] values = new float[lines.size() * count];
        for (int row = 0, at = 0; row < lines.size(); row++) {
            Line line = lines.get(row);
            for (int column = 0; column < cells.size(); column++) {
                float number = (float) CsvTable.number(
                        file, line, column, line.cells().get(column).strip());
                int target = targets.indexOf(column);
                if (target < 0) {
                    features[at++] = number;
                } else {
                    values[row * count + target] = number;
                }
            }
        }
        return new NumberTable(features, values, lines.size(), count);
    }

    private static List<Integer> targets(Path file, List<String> cells, String wanted, int count) {
        List<Integer> targets = new ArrayList<>();
        if (wanted.isEmpty()) {
            for (int column = cells.size() - count; column < cells.size(); column++) {
                targets.add(column);
            }
        } else {
            for (String one : wanted.split(",", -1)) {
                targets.add(CsvTable.column(file, cells, "label", one.strip()));
            }
        }
        return targets;
    }

    private static boolean isNumber(String cell) {
        return CsvTable.isNumber(cell.strip());
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public long[] shape() {
        return new long[] {features.length / size};
    }

    @Override
    public List<String> classes() {
        return List.of();
    }

    @Override
    public int label(int example) {
        throw new UnsupportedOperationException("a row of a regression has no class");
    }

    @Override
    public int columns() {
        return columns;
    }

    @Override
    public void target(int example, float[] into, int offset) {
        System.arraycopy(targets, example * columns, into, offset, columns);
    }

    @Override
    public void features(int example, float[] into, int offset) {
        int width = features.length / size;
        System.arraycopy(features, example * width, into, offset, width);
    }
}
