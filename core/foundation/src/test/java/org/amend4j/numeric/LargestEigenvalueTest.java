/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A bound that guarantees rest on is not below the true eigenvalue, and close to it. */
class LargestEigenvalueTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8, 33, 100})
    void theLargestEigenvalueOfAProductIsNeverUnderestimatedAndTight(int n) {
        // x·xᵀ of integers: ‖x‖² is exact
        double[] x = new Random(n).ints(n, -9, 10).asDoubleStream().toArray();
        x[0] = 3;
        double[][] matrix = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                matrix[i][j] = x[i] * x[j];
            }
        }
        double exact = Matrices.dot(x, x);
        double largest = LargestEigenvalue.boundInPlace(matrix);
        assertTrue(largest >= exact, largest + " < " + exact);
        assertEquals(exact, largest, 1e-9 * exact);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 5, 16, 64})
    void theLargestEigenvalueIsAboveEveryRayleighQuotientAndCloseToTheBest(int n) {
        Random random = new Random(n);
        double[][] matrix = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                matrix[i][j] = random.nextGaussian() + (i == j ? 3 * Math.sqrt(n) : 0);
                matrix[j][i] = matrix[i][j];
            }
        }
        double largest = LargestEigenvalue.boundInPlace(Matrices.copy(matrix));
        double[] v = random.doubles(n).toArray();
        double quotient = 0;
        for (int k = 0; k < 20_000; k++) {
            double[] next = new double[n];
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    next[i] += matrix[i][j] * v[j];
                }
            }
            quotient = Matrices.dot(v, next) / Matrices.dot(v, v);
            double norm = Vectors.compensatedNorm(next);
            for (int i = 0; i < n; i++) {
                v[i] = next[i] / norm;
            }
        }
        // the quotient has n² roundings of its own, far below the bound's margin
        assertTrue(largest >= quotient * (1 - 1e-14), largest + " < " + quotient);
        assertEquals(quotient, largest, 1e-9 * quotient);
    }
}
