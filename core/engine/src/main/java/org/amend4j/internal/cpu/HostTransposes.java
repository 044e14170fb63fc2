/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import org.amend4j.backend.ElementType;

/** Transposes of matrices that lie in memory one after another, in C order and without gaps. Shapes are not checked. */
public final class HostTransposes {

    private HostTransposes() {}

    /**
     * Writes each matrix' transpose.
     *
     * @param type FLOAT or DOUBLE
     * @param from address of [count, rows, columns]
     * @param to address of [count, columns, rows]
     */
    public static void write(ElementType type, long from, long to, int count, int rows, int columns) {
        write(VectorLoops.of(type), from, to, count, rows, columns);
    }

    private static <A> void write(VectorLoops<A> lanes, long from, long to, int count, int rows, int columns) {
        int size = rows * columns;
        A matrix = lanes.scratch(0, size);
        A turned = lanes.scratch(1, size);
        for (int k = 0; k < count; k++) {
            long at = (long) k * size * lanes.bytes();
            lanes.load(from + at, matrix, size);
            lanes.transpose(matrix, turned, rows, columns);
            lanes.store(turned, to + at, size);
        }
    }
}
