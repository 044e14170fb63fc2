/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.layer;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Squared norms of a matrix's rows, accumulated in double. One pass over memory in its own order: ND4J's reductions along
 * a dimension take three times as long and add up in the array's type.
 */
final class RowNorms {

    private RowNorms() {}

    /**
     * The squared norms.
     *
     * @param matrix [n, columns], FLOAT or DOUBLE
     */
    static double[] squared(INDArray matrix) {
        INDArray dense = isDense(matrix) ? matrix : matrix.dup('c');
        Nd4j.getAffinityManager().ensureLocation(dense, AffinityManager.Location.HOST);
        int rows = (int) dense.size(0);
        int columns = (int) dense.size(1);
        boolean byRow = dense.ordering() == 'c';
        Lines lines = new Lines(dense, byRow ? rows : columns, byRow ? columns : rows);
        double[] squares = new double[rows];
        for (int k = 0; k < lines.count; k++) {
            if (byRow) {
                squares[k] = lines.squaredNorm(k);
            } else {
                lines.addSquares(k, squares);
            }
        }
        return squares;
    }

    private static boolean isDense(INDArray matrix) {
        return matrix.ordering() == 'c'
                ? matrix.stride(1) == 1 && matrix.stride(0) == matrix.size(1)
                : matrix.stride(0) == 1 && matrix.stride(1) == matrix.size(0);
    }

    /** The rows of a matrix in C order, or the columns of one in Fortran order, copied out one by one. */
    private static final class Lines {

        private final int count;
        private final double[] line;
        private final float[] floats;
        private final FloatBuffer floatMemory;
        private final DoubleBuffer doubleMemory;

        Lines(INDArray dense, int count, int length) {
            this.count = count;
            this.line = new double[length];
            boolean single = dense.dataType() == DataType.FLOAT;
            this.floats = new float[single ? length : 0];
            long from = dense.offset();
            long to = from + dense.length();
            try (FloatPointer values = new FloatPointer(dense.data().pointer());
                    DoublePointer doubles = new DoublePointer(dense.data().pointer())) {
                this.floatMemory = single ? values.limit(to).position(from).asBuffer() : FloatBuffer.allocate(0);
                this.doubleMemory = single
                        ? DoubleBuffer.allocate(0)
                        : doubles.limit(to).position(from).asBuffer();
            }
        }

        private double[] read(int k) {
            if (floats.length == 0) {
                doubleMemory.get(k * line.length, line);
                return line;
            }
            floatMemory.get(k * line.length, floats);
            for (int i = 0; i < line.length; i++) {
                line[i] = floats[i];
            }
            return line;
        }

        double squaredNorm(int k) {
            double[] values = read(k);
            // Four sums, so that additions need not wait for one another.
            double a = 0;
            double b = 0;
            double c = 0;
            double d = 0;
            int i = 0;
            for (; i + 3 < values.length; i += 4) {
                a += values[i] * values[i];
                b += values[i + 1] * values[i + 1];
                c += values[i + 2] * values[i + 2];
                d += values[i + 3] * values[i + 3];
            }
            for (; i < values.length; i++) {
                a += values[i] * values[i];
            }
            return (a + b) + (c + d);
        }

        void addSquares(int k, double[] squares) {
            double[] values = read(k);
            for (int i = 0; i < values.length; i++) {
                squares[i] += values[i] * values[i];
            }
        }
    }
}
