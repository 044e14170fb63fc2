/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import org.amend4j.internal.cuda.device.LaunchShape;
import org.amend4j.internal.validation.Checks;

/**
 * Where the elements of {@code y += scale·low·up + bias} are, as distances in elements.
 *
 * @param rows rows of y, at least 1
 * @param columns columns of y, at least 1; a row is contiguous
 * @param rank in [1, {@link #MOST_RANK}]
 * @param stride from one row of y to the next, at least {@code columns}
 * @param low of [rows, rank]
 * @param up of [rank, columns]
 * @param biasPer what the bias has an element for
 */
public record AdapterSumLayout(int rows, int columns, int rank, int stride, Strides low, Strides up, BiasPer biasPer) {

    /**
     * Of a matrix whose rows and columns need not be contiguous.
     *
     * @param row from one row to the next, not negative
     * @param column from one column to the next, not negative
     */
    public record Strides(int row, int column) {

        public Strides {
            Checks.atLeast(0, "stride of rows", row);
            Checks.atLeast(0, "stride of columns", column);
        }

        /** Elements from the first to the last of a matrix of so many rows and columns. */
        long extent(int rows, int columns) {
            return (rows - 1L) * row + (columns - 1L) * column + 1;
        }
    }

    /** What the bias has an element for. */
    public enum BiasPer {
        ROW,
        COLUMN
    }

    /** Rows in a tile. */
    private static final int TILE = 8;
    /** The highest rank: a tile of it fits in 48 KiB of shared memory. */
    public static final int MOST_RANK = (48 << 10) / (TILE * Float.BYTES);

    public AdapterSumLayout {
        Checks.atLeast(1, "rows", rows);
        Checks.atLeast(1, "columns", columns);
        Checks.inRange(1, MOST_RANK, "rank", rank);
        Checks.atLeast(columns, "stride", stride);
    }

    /** The threads for it. */
    public LaunchShape threads() {
        return Grids.columnsBy(columns, Grids.ceilDiv(rows, TILE), TILE * rank * Float.BYTES);
    }

    /**
     * The arguments of {@link AdapterKernels#SUM} for memory that no device of ours owns, 64 bits each.
     *
     * @param bias its address, 0 for none
     */
    public long[] arguments(long y, long lowAddress, long upAddress, float scale, long bias) {
        return new long[] {
            y,
            stride,
            lowAddress,
            low.row(),
            low.column(),
            upAddress,
            up.row(),
            up.column(),
            Integer.toUnsignedLong(Float.floatToRawIntBits(scale)),
            biasPer == BiasPer.ROW ? bias : 0,
            biasPer == BiasPer.COLUMN ? bias : 0,
            rows,
            columns,
            rank
        };
    }

    int biasLength() {
        return biasPer == BiasPer.ROW ? rows : columns;
    }

    /** Elements from y's first to its last. */
    long extent() {
        return (rows - 1L) * stride + columns;
    }

    long lowExtent() {
        return low.extent(rows, rank);
    }

    long upExtent() {
        return up.extent(rank, columns);
    }
}
