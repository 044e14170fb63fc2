/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.gradient;

import java.util.Arrays;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Cholesky;
import org.amend4j.numeric.Vectors;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The r × r systems of a factor: FᵀF + λI for F [n, r]. */
final class Gram {

    private final Cholesky cholesky;

    /**
     * @param factor F, [n, r]; B as its transpose
     * @param name for messages
     */
    Gram(String name, INDArray factor, double damping) {
        double[][] columns = rows(factor.transpose());
        double[][] matrix = new double[columns.length][columns.length];
        for (int i = 0; i < columns.length; i++) {
            for (int j = 0; j <= i; j++) {
                matrix[i][j] = Vectors.dot(columns[i], columns[j]) + (i == j ? damping : 0);
            }
        }
        cholesky = Cholesky.of(matrix);
        if (!cholesky.definite()) {
            throw new ArithmeticException("the Gram matrix of " + name
                    + " must be positive definite, which it is not with" + " damping " + damping);
        }
    }

    /** Each row x of a gradient [n, r], replaced by factor·(FᵀF + λI)⁻¹x. */
    void solveRowsInPlace(INDArray gradient, double factor) {
        double[][] rows = rows(gradient);
        int rank = Math.toIntExact(gradient.size(1));
        double[] solved = new double[rows.length * rank];
        for (int i = 0; i < rows.length; i++) {
            double[] x = cholesky.solve(rows[i]);
            for (int k = 0; k < rank; k++) {
                solved[i * rank + k] = factor * x[k];
            }
        }
        INDArray result = Nd4j.createFromArray(solved).reshape('c', rows.length, rank);
        gradient.assign(result.castTo(gradient.dataType()));
    }

    /** In double; ND4J's own toDoubleMatrix reads element by element. */
    private static double[][] rows(INDArray matrix) {
        double[] values = matrix.castTo(DataType.DOUBLE).dup('c').data().asDouble();
        int columns = Math.toIntExact(matrix.size(1));
        double[][] rows = new double[values.length / columns][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = Arrays.copyOfRange(values, i * columns, (i + 1) * columns);
        }
        return rows;
    }

    /** Refuses arguments that do not fit one another. */
    static void require(INDArray a, INDArray b, INDArray gradientA, INDArray gradientB, double scaling) {
        Checks.positive("scaling", scaling);
        boolean factors = a.rank() == 2 && b.rank() == 2 && a.size(1) == b.size(0);
        if (!factors || !a.equalShapes(gradientA) || !b.equalShapes(gradientB)) {
            throw new IllegalArgumentException(
                    "factors and gradients must be [nIn, r], [r, nOut], [nIn, r], [r, nOut], got " + shape(a) + ", "
                            + shape(b) + ", " + shape(gradientA) + ", " + shape(gradientB));
        }
    }

    private static String shape(INDArray array) {
        return Arrays.toString(array.shape());
    }
}
