/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import org.amend4j.internal.cuda.device.LaunchShape;

/** Grids of threads. */
final class Grids {

    /** Blocks of a grid in y; kernels go on with that stride. */
    private static final int MOST_IN_Y = 4096;

    /** Columns that a thread takes at once where they are aligned. */
    static final int QUAD = 4;

    private Grids() {}

    /** A thread for each column, {@code lines} > 0 blocks (at most 4096) for the rows. */
    static LaunchShape columnsBy(int columns, int lines, int sharedBytes) {
        int block = block(columns);
        return new LaunchShape((columns + block - 1) / block, Math.min(lines, MOST_IN_Y), block, sharedBytes);
    }

    /** As {@link #columnsBy} for kernels of rows whose threads take four columns at once where they can: those of a block then have four rows. */
    static LaunchShape quadsBy(int columns, int rows) {
        return columnsBy(columns, columns % QUAD == 0 ? ceilDiv(rows, QUAD) : rows, 0);
    }

    /** Threads of a block of {@link #columnsBy}. */
    static int block(int columns) {
        return columns <= 32 ? 32 : columns <= 64 ? 64 : columns <= 128 ? 128 : LaunchShape.BLOCK;
    }

    static int ceilDiv(int a, int b) {
        return (int) (((long) a + b - 1) / b);
    }
}
