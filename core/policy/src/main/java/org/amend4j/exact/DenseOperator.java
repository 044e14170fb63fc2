/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import org.amend4j.numeric.Matrices;
import org.amend4j.numeric.SymmetricOperator;
import org.amend4j.numeric.Vectors;

/**
 * A symmetric matrix by its products.
 *
 * @param matrix [n][n], not copied
 */
@SuppressWarnings("ArrayRecordComponent") // within this package, never changed
record DenseOperator(double[][] matrix) implements SymmetricOperator {

    @Override
    public int dimension() {
        return matrix.length;
    }

    @Override
    public void apply(double[] v, double[] into) {
        Vectors.requireLength("the vector", v, matrix.length);
        Vectors.requireLength("the product", into, matrix.length);
        for (int i = 0; i < matrix.length; i++) {
            into[i] = Matrices.dot(matrix[i], v);
        }
    }
}
