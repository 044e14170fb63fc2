/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Solved systems solve, and to the bits that elimination column by column gives. */
class CholeskyTest {

    static IntStream seeds() {
        return IntStream.range(0, 40);
    }

    /** MMᵀ + I, whose eigenvalues are at least 1. */
    private static double[][] definite(Random random, int n) {
        double[][] root = LuTest.matrix(random, n);
        return Matrices.plus(Matrices.multiply(root, Matrices.transpose(root)), 1, Matrices.identity(n));
    }

    /** Backward stable: ‖Ax - b‖ is of the order n²·u·‖A‖·‖x‖. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void solutionsSolveTheSystem(int seed) {
        Random random = new Random(seed);
        int n = 1 + random.nextInt(30);
        double[][] a = definite(random, n);
        double[] b = random.doubles(n, -1, 1).toArray();
        Cholesky factor = Cholesky.of(a);
        assertTrue(factor.definite());
        double[] x = factor.solve(b);
        double allowed = n * n * 1e-15 * Matrices.size(a) * Math.max(1, Vectors.norm(x));
        for (int i = 0; i < n; i++) {
            assertEquals(b[i], Matrices.dot(a[i], x), allowed);
        }
        assertArrayEquals(Lu.of(a).solve(b), x, allowed);
    }

    /** {@code ‖L⁻¹b‖² = bᵀA⁻¹b}. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theLowerFactorWhitens(int seed) {
        Random random = new Random(seed);
        int n = 1 + random.nextInt(30);
        Cholesky factor = Cholesky.of(definite(random, n));
        double[] b = random.doubles(n, -1, 1).toArray();
        double[] white = factor.solveLower(b);
        double expected = Matrices.dot(b, factor.solve(b));
        assertEquals(expected, Matrices.dot(white, white), n * n * 1e-15 * (1 + expected));
    }

    /** As the fits of baselines and logistic regressions did before they shared this class. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void columnByColumnInPlaceTheSameBitsCome(int seed) {
        Random random = new Random(seed);
        int n = 1 + random.nextInt(30);
        double[][] a = definite(random, n);
        double[] b = random.doubles(n, -1, 1).toArray();
        double[] solution = Cholesky.of(a).solve(b);
        for (int j = 0; j < n; j++) {
            for (int i = j; i < n; i++) {
                for (int k = 0; k < j; k++) {
                    a[i][j] -= a[i][k] * a[j][k];
                }
                a[i][j] = i == j ? Math.sqrt(a[i][j]) : a[i][j] / a[j][j];
            }
        }
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < i; k++) {
                b[i] -= a[i][k] * b[k];
            }
            b[i] /= a[i][i];
        }
        for (int i = n - 1; i >= 0; i--) {
            for (int k = i + 1; k < n; k++) {
                b[i] -= a[k][i] * b[k];
            }
            b[i] /= a[i][i];
        }
        assertArrayEquals(b, solution);
    }

    @Test
    void onlyTheLowerTriangleIsRead() {
        double[][] lower = {{4, Double.NaN}, {2, 5}};
        assertArrayEquals(new double[] {0.25, 0.5}, Cholesky.of(lower).solve(new double[] {2, 3}));
    }

    @Test
    void aMatrixThatIsNotDefiniteIsSaidToBeAndSolvesToNothing() {
        Cholesky indefinite = Cholesky.of(new double[][] {{1, 2}, {2, 1}});
        assertFalse(indefinite.definite());
        assertTrue(Double.isNaN(indefinite.solve(new double[] {1, 1})[0]));
        Cholesky singular = Cholesky.of(new double[][] {{1, 1}, {1, 1}});
        assertFalse(singular.definite());
        assertFalse(Double.isFinite(singular.solve(new double[] {1, 2})[0]));
    }
}
