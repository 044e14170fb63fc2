/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import org.nd4j.linalg.api.ndarray.INDArray;

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
        Lines lines = Lines.of(matrix);
        double[] squares = new double[(int) matrix.size(0)];
        for (int k = 0; k < lines.count(); k++) {
            if (lines.areRows()) {
                squares[k] = squaredNorm(lines.read(k));
            } else {
                addSquares(lines.read(k), squares);
            }
        }
        return squares;
    }

    private static double squaredNorm(double[] values) {
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

    private static void addSquares(double[] values, double[] squares) {
        for (int i = 0; i < values.length; i++) {
            squares[i] += values[i] * values[i];
        }
    }
}
