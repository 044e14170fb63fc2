/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.kernel;

import org.amend4j.cuda.device.DeviceArray;
import org.amend4j.cuda.device.ElementType;
import org.amend4j.cuda.device.LaunchShape;

/** Argument checks of kernel calls, and grids. */
final class Shapes {

    /** Blocks of a grid in y; kernels go on with that stride. */
    private static final int MOST_IN_Y = 4096;

    private Shapes() {}

    static void requireFloats(String what, DeviceArray array, long length) {
        require(what, array, ElementType.FLOAT, length);
    }

    static void requireInts(String what, DeviceArray array, long length) {
        require(what, array, ElementType.INT, length);
    }

    static void requireAtLeast(String what, DeviceArray array, long floats) {
        if (array.type() != ElementType.FLOAT || array.length() < floats) {
            throw new IllegalArgumentException(what + " must hold at least " + floats + " floats, got " + array);
        }
    }

    private static void require(String what, DeviceArray array, ElementType type, long length) {
        if (array.type() != type || array.length() != length) {
            throw new IllegalArgumentException(what + " must be " + type + "[" + length + "], got " + array);
        }
    }

    /** A thread for each column, {@code lines} > 0 blocks (at most 4096) for the rows. */
    static LaunchShape columnsBy(int columns, int lines, int sharedBytes) {
        int block = columns <= 32 ? 32 : columns <= 64 ? 64 : columns <= 128 ? 128 : LaunchShape.BLOCK;
        return new LaunchShape((columns + block - 1) / block, Math.min(lines, MOST_IN_Y), block, sharedBytes);
    }

    static int ceilDiv(int a, int b) {
        return (int) (((long) a + b - 1) / b);
    }
}
