/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Solved systems solve; tolerances are n²·1e-15. */
class LuTest {

    static IntStream seeds() {
        return IntStream.range(0, 40);
    }

    static double[][] matrix(Random random, int n) {
        double[][] result = new double[n][];
        for (int i = 0; i < n; i++) {
            result[i] = random.doubles(n, -1, 1).toArray();
        }
        return result;
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void solutionsSolveTheSystemAndItsTranspose(int seed) {
        Random random = new Random(seed);
        int n = 1 + random.nextInt(30);
        double[][] a = matrix(random, n);
        double[] b = random.doubles(n, -1, 1).toArray();
        Lu lu = Lu.of(a);
        residual(a, lu.solve(b), b);
        residual(Matrices.transpose(a), lu.solveTransposed(b), b);
    }

    /** Partial pivoting is backward stable: ‖Ax - b‖ is of the order n²·u·‖A‖·‖x‖. */
    private static void residual(double[][] a, double[] x, double[] b) {
        double allowed = a.length * a.length * 1e-15 * Matrices.size(a) * Math.max(1, Vectors.norm(x));
        for (int i = 0; i < b.length; i++) {
            assertEquals(b[i], Matrices.dot(a[i], x), allowed);
        }
    }

    @Test
    void aSingularMatrixIsRefused() {
        double[][] singular = {{1, 2}, {2, 4}};
        ArithmeticException refused = assertThrows(ArithmeticException.class, () -> Lu.of(singular));
        assertEquals("a matrix must be regular, got the pivot 0.0 (column 1 of 2)", refused.getMessage());
    }
}
