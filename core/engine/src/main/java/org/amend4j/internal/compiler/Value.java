/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.Locale;
import org.amend4j.internal.validation.Checks;

/**
 * Numbers that steps read and write, as rows. Values with the same buffer are the same memory seen with other rows, or other columns of them.
 *
 * @param name whose, for reports
 * @param rows an example has, or a token, or in all if the value depends on neither
 * @param columns of a row
 * @param first where a row's columns begin
 * @param stride from one row to the next; what lies behind the columns may be another value's
 */
record Value(Buffer buffer, String name, int rows, int columns, int first, int stride) {

    /** Where it is. */
    sealed interface Buffer {

        /**
         * In the plan's own memory, for as long as a step needs it.
         *
         * @param more numbers behind its rows, however many these are
         */
        record Planned(int id, RowUnit per, Numbers numbers, int more) implements Buffer {

            /** What is there. */
            enum Numbers {
                /** Floats or doubles, as the plan is run. */
                REAL,
                /** bfloat16 numbers. */
                NARROW,
                INTEGER
            }
        }

        /**
         * What was given to a run: examples of an input.
         *
         * @param narrow whether they are bfloat16 numbers
         */
        record Input(int index, boolean narrow) implements Buffer {}

        /** What was given to a run: examples of a label. */
        record Label(int index) implements Buffer {}

        /** What was given to a run: where to put a number per example. */
        record Result(Kind kind) implements Buffer {
            enum Kind {
                LOSSES,
                NORMS
            }
        }

        /** Sums over runs, one for each adapter: the gradient of its weight. */
        record WeightGradient(int index) implements Buffer {}
    }

    Value {
        Checks.atLeast(1, "rows", rows);
        Checks.atLeast(1, "columns", columns);
        Checks.atLeast(0, "first", first);
        Checks.atLeast(first + columns, "stride", stride);
    }

    /** Gapless rows. */
    Value(Buffer buffer, String name, int rows, int columns) {
        this(buffer, name, rows, columns, 0, columns);
    }

    /** Whether it is bfloat16 numbers. */
    boolean isNarrow() {
        if (buffer instanceof Buffer.Planned planned) {
            return planned.numbers() == Buffer.Planned.Numbers.NARROW;
        }
        return buffer instanceof Buffer.Input input && input.narrow();
    }

    /** Whether its rows are one piece. */
    boolean isGapless() {
        return stride == columns;
    }

    /** How many numbers are behind each row's columns. */
    int room() {
        return stride - first - columns;
    }

    /** The numbers behind each row's columns, so many of them. */
    Value beside(String newName, int count) {
        return new Value(buffer, newName, rows, count, first + columns, stride);
    }

    /** This with the numbers behind each row's columns, so many of them. */
    Value wider(int count) {
        return new Value(buffer, name, rows, columns + count, first, stride);
    }

    /** The same memory with other rows. */
    Value as(int newRows, int newColumns) {
        if (!isGapless()) {
            throw new AssertionError("'" + name + "' has something between its rows");
        }
        if ((long) newRows * newColumns != (long) rows * columns) {
            throw new IllegalArgumentException(
                    "[" + rows + ", " + columns + "] cannot be seen as [" + newRows + ", " + newColumns + "]");
        }
        return new Value(buffer, name, newRows, newColumns);
    }

    /** What it has rows for. */
    RowUnit per() {
        if (buffer instanceof Buffer.Planned planned) {
            return planned.per();
        }
        return buffer instanceof Buffer.WeightGradient ? RowUnit.RUN : RowUnit.EXAMPLE;
    }

    /** Numbers of an example, of a token, or in all, with what is between its rows. */
    long each() {
        return (long) rows * stride;
    }

    /** Rows in a run. */
    int rows(RunSize size) {
        return rowsOf(size.of(per()));
    }

    /**
     * Rows of so many examples or tokens.
     *
     * @throws IllegalArgumentException if they are more than products and kernels count, 2³¹ − 1
     */
    int rowsOf(int count) {
        long all = (long) count * rows;
        if (all > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "%,d x %,d rows of '%s' at a time are more than %,d: take smaller batches",
                    count,
                    rows,
                    name,
                    Integer.MAX_VALUE));
        }
        return (int) all;
    }

    /** Numbers in a run, with what is between its rows. */
    long length(RunSize size) {
        return size.of(per()) * each() + (buffer instanceof Buffer.Planned planned ? planned.more() : 0);
    }
}
