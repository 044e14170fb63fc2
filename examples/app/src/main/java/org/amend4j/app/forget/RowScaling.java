/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.amend4j.data.BadInputException;
import org.amend4j.internal.text.Shown;
import org.amend4j.internal.validation.Checks;

/**
 * What is done to every row before a network sees it, by frozen constants that were not made of the rows: each column is moved
 * and divided, and then a row that is too long shortened. It is done to one row at a time, so that no row depends on another.
 *
 * @param columns one for each column of features, in any order; empty to leave all as they are
 * @param longest norm that rows are shortened to; 0 to leave them
 */
public record RowScaling(List<Column> columns, double longest) {

    /** Rows as they are. */
    public static final RowScaling NONE = new RowScaling(List.of(), 0);

    /** How much further rows are shortened, relatively: computing a norm of 2^20 numbers is off by less. */
    private static final double MARGIN = 1e-9;

    /** @throws IllegalArgumentException if the norm is out of its range */
    public RowScaling {
        columns = List.copyOf(columns);
        Checks.notNegative("--row-norm", longest);
    }

    /**
     * One column: z = (x - centre)/width.
     *
     * @param name in the table's header, or its number among all columns from 0
     * @param centre what becomes 0
     * @param width what is divided by, > 0
     * @param isRange whether z is kept within [0, 1]
     */
    public record Column(String name, double centre, double width, boolean isRange) {

        /** @throws IllegalArgumentException if a number is out of its range */
        public Column {
            Checks.finite("the centre of column " + Shown.of(name), centre);
            Checks.positive("the width of column " + Shown.of(name), width);
        }

        double of(double x) {
            double z = (x - centre) / width;
            return isRange ? Math.max(0, Math.min(1, z)) : z;
        }
    }

    /** Whether it changes anything. */
    @JsonIgnore
    public boolean isNone() {
        return columns.isEmpty() && longest == 0;
    }

    /**
     * The columns in the order of a table's features.
     *
     * @param features each one's name and number, in their order
     * @throws BadInputException if one is missing, there twice, or nowhere in the table
     */
    RowScaling ordered(List<List<String>> features) {
        if (columns.isEmpty()) {
            return this;
        }
        Map<String, Column> byName = new HashMap<>();
        for (Column column : columns) {
            if (byName.put(column.name(), column) != null) {
                throw new BadInputException("--scale names column " + Shown.quoted(column.name()) + " twice");
            }
        }
        List<Column> ordered = new ArrayList<>();
        for (List<String> names : features) {
            List<Column> found = names.stream()
                    .distinct()
                    .filter(byName::containsKey)
                    .map(byName::remove)
                    .toList();
            if (found.size() != 1) {
                throw new BadInputException("--scale must have every column of features once, it has column "
                        + names.stream().map(Shown::of).collect(Collectors.joining(" or "))
                        + (found.isEmpty() ? " nowhere" : " twice"));
            }
            ordered.add(found.get(0));
        }
        if (!byName.isEmpty()) {
            throw new BadInputException("--scale has a column "
                    + Shown.quoted(byName.keySet().stream().sorted().findFirst().orElseThrow())
                    + ", which is not a feature column of the table");
        }
        return new RowScaling(ordered, longest);
    }

    /** Changes a row; only after {@link #ordered}. */
    void applyInPlace(double[] row) {
        double squares = 0;
        for (int i = 0; i < row.length; i++) {
            row[i] = columns.isEmpty() ? row[i] : columns.get(i).of(row[i]);
            squares += row[i] * row[i];
        }
        double norm = Math.sqrt(squares) * (1 + MARGIN);
        if (longest > 0 && norm > longest) {
            for (int i = 0; i < row.length; i++) {
                row[i] *= longest / norm;
            }
        }
    }

    /** In words, for certificates. */
    String sentence() {
        String moved = columns.isEmpty() ? "" : "every column was moved and divided by public constants";
        String shortened = longest == 0 ? "" : "rows were shortened to norm " + longest;
        return moved + (moved.isEmpty() || shortened.isEmpty() ? "" : ", and ") + shortened
                + ", one row at a time; these constants were chosen without looking at the records";
    }
}
