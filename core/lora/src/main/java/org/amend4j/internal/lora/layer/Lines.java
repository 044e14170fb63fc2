/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.lang.ref.Reference;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The rows of a matrix in C order, or the columns of one in Fortran order, copied out one by one: loops over memory as it lies. */
final class Lines {

    /** Kept, for a view of its memory keeps nothing. */
    private final INDArray matrix;

    private final boolean areRows;
    private final int count;
    private final double[] line;
    private final float[] floats;
    private final FloatBuffer floatMemory;
    private final DoubleBuffer doubleMemory;

    /** @param matrix FLOAT or DOUBLE, for which {@link #areIn} holds */
    Lines(INDArray matrix) {
        Nd4j.getAffinityManager().ensureLocation(matrix, AffinityManager.Location.HOST);
        this.matrix = matrix;
        areRows = matrix.ordering() == 'c';
        count = (int) (areRows ? matrix.size(0) : matrix.size(1));
        int length = (int) (areRows ? matrix.size(1) : matrix.size(0));
        boolean single = matrix.dataType() == DataType.FLOAT;
        line = new double[length];
        floats = new float[single ? length : 0];
        long from = matrix.offset();
        long to = from + matrix.length();
        try (FloatPointer values = new FloatPointer(matrix.data().pointer());
                DoublePointer doubles = new DoublePointer(matrix.data().pointer())) {
            floatMemory = single ? values.limit(to).position(from).asBuffer() : FloatBuffer.allocate(0);
            doubleMemory = single
                    ? DoubleBuffer.allocate(0)
                    : doubles.limit(to).position(from).asBuffer();
        }
    }

    /** Whether a matrix has no gaps in its order. */
    static boolean areIn(INDArray matrix) {
        return matrix.ordering() == 'c'
                ? matrix.stride(1) == 1 && matrix.stride(0) == matrix.size(1)
                : matrix.stride(0) == 1 && matrix.stride(1) == matrix.size(0);
    }

    /** Of a matrix or, if it has gaps or another type, of a copy. */
    static Lines of(INDArray matrix) {
        INDArray read = isRead(matrix.dataType()) ? matrix : matrix.castTo(DataType.FLOAT);
        return new Lines(areIn(read) ? read : read.dup('c'));
    }

    private static boolean isRead(DataType type) {
        return type == DataType.FLOAT || type == DataType.DOUBLE;
    }

    /** All elements of a matrix in its order. */
    static double[] values(INDArray matrix) {
        return of(matrix.reshape(matrix.ordering(), new long[] {1, matrix.length()})
                        .dup('c'))
                .read(0);
    }

    boolean areRows() {
        return areRows;
    }

    int count() {
        return count;
    }

    /** Line k, until the next one is read. */
    double[] read(int k) {
        if (floats.length == 0) {
            try {
                doubleMemory.get(k * line.length, line);
            } finally {
                Reference.reachabilityFence(matrix);
            }
            return line;
        }
        readFloats(k);
        for (int i = 0; i < line.length; i++) {
            line[i] = floats[i];
        }
        return line;
    }

    /** Line k of a FLOAT matrix, until the next one is read. */
    float[] readFloats(int k) {
        try {
            floatMemory.get(k * floats.length, floats);
        } finally {
            Reference.reachabilityFence(matrix);
        }
        return floats;
    }

    /** Overwrites line k of a FLOAT matrix. */
    void write(int k, float[] values) {
        try {
            floatMemory.put(k * floats.length, values);
        } finally {
            Reference.reachabilityFence(matrix);
        }
    }
}
