/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.nd4j;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Where the elements of a matrix are.
 *
 * @param rowStride elements from one row to the next
 * @param columnStride elements from one column to the next
 */
record Matrix(long rows, long columns, long rowStride, long columnStride) {

    /** Of an array of rank 2. */
    static Matrix of(INDArray array) {
        return new Matrix(array.size(0), array.size(1), array.stride()[0], array.stride()[1]);
    }

    Matrix transposed() {
        return new Matrix(columns, rows, columnStride, rowStride);
    }

    /** Whether each row is contiguous, rows do not overlap, and everything can be counted with 32 bits. */
    boolean hasContiguousRows() {
        return rows > 0
                && columns > 0
                && isInt(rows)
                && isInt(columns)
                && (columns == 1 || columnStride == 1)
                && (rows == 1 || rowStride >= columns)
                && isInt(rowStride);
    }

    /** From one row to the next; of no meaning, but valid, if there is one row only. */
    int lineStride() {
        return (int) Math.max(columns, rowStride);
    }

    /** Whether the distances can be counted with 32 bits. */
    boolean isReadable() {
        return isInt(rowStride) && isInt(columnStride);
    }

    private static boolean isInt(long value) {
        return value >= 0 && value <= Integer.MAX_VALUE;
    }
}
