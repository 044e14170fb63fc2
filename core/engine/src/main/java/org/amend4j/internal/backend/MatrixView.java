/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.backend.ElementType;
import org.amend4j.internal.validation.Checks;

/**
 * Rows of floats or doubles, each contiguous; or of bfloat16 numbers, which few kernels take, and others refuse.
 *
 * @param array from the first element on
 * @param stride elements from one row to the next, at least {@code columns}
 */
public record MatrixView(MachineArray array, int rows, int columns, int stride) {

    public MatrixView {
        Checks.atLeast(0, "rows", rows);
        Checks.atLeast(0, "columns", columns);
        Checks.atLeast(Math.max(1, columns), "stride", stride);
        long extent = rows == 0 || columns == 0 ? 0 : (long) (rows - 1) * stride + columns;
        if (array.type() == ElementType.INT || array.length() < extent) {
            throw new IllegalArgumentException("[" + rows + ", " + columns + "] with stride " + stride + " needs "
                    + extent + " numbers, got " + array);
        }
    }

    /** Gapless rows. */
    public static MatrixView of(MachineArray array, int rows, int columns) {
        return new MatrixView(array, rows, columns, Math.max(1, columns));
    }

    /** The columns from {@code from} on. */
    public MatrixView columns(int from, int count) {
        Checks.inRange(0, columns, "first column", from);
        Checks.inRange(0, columns - from, "columns", count);
        long start = isEmpty() ? 0 : from;
        return new MatrixView(array.slice(start, array.length() - start), rows, count, stride);
    }

    /** The rows from {@code from} on. */
    public MatrixView rows(int from, int count) {
        Checks.inRange(0, rows, "first row", from);
        Checks.inRange(0, rows - from, "rows", count);
        long start = count == 0 || columns == 0 ? 0 : (long) from * stride;
        return new MatrixView(array.slice(start, array.length() - start), count, columns, stride);
    }

    /** Whether it has no element. */
    public boolean isEmpty() {
        return rows == 0 || columns == 0;
    }

    /**
     * Refuses another shape.
     *
     * @throws IllegalArgumentException naming {@code what}
     */
    public void requireShape(String what, int wantedRows, int wantedColumns) {
        if (rows != wantedRows || columns != wantedColumns) {
            throw new IllegalArgumentException(
                    what + " must be [" + wantedRows + ", " + wantedColumns + "], got [" + rows + ", " + columns + "]");
        }
    }
}
