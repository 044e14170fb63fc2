/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import org.amend4j.cuda.device.DeviceArray;
import org.amend4j.cuda.device.ElementType;
import org.amend4j.internal.validation.Checks;

/**
 * Rows of floats on a device, each contiguous.
 *
 * @param array from the first element on
 * @param stride elements from one row to the next, at least {@code columns}
 */
public record DeviceMatrix(DeviceArray array, int rows, int columns, int stride) {

    public DeviceMatrix {
        Checks.atLeast(0, "rows", rows);
        Checks.atLeast(0, "columns", columns);
        Checks.atLeast(Math.max(1, columns), "stride", stride);
        long extent = rows == 0 || columns == 0 ? 0 : (long) (rows - 1) * stride + columns;
        if (array.type() != ElementType.FLOAT || array.length() < extent) {
            throw new IllegalArgumentException("[" + rows + ", " + columns + "] with stride " + stride + " needs "
                    + extent + " floats, got " + array);
        }
    }

    /** Gapless rows. */
    public static DeviceMatrix of(DeviceArray array, int rows, int columns) {
        return new DeviceMatrix(array, rows, columns, Math.max(1, columns));
    }

    /** The columns from {@code from} on. */
    public DeviceMatrix columns(int from, int count) {
        Checks.inRange(0, columns, "first column", from);
        Checks.inRange(0, columns - from, "columns", count);
        long start = isEmpty() ? 0 : from;
        return new DeviceMatrix(array.slice(start, array.length() - start), rows, count, stride);
    }

    boolean isEmpty() {
        return rows == 0 || columns == 0;
    }

    void requireShape(String what, int wantedRows, int wantedColumns) {
        if (rows != wantedRows || columns != wantedColumns) {
            throw new IllegalArgumentException(
                    what + " must be [" + wantedRows + ", " + wantedColumns + "], got [" + rows + ", " + columns + "]");
        }
    }
}
