/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SymmetricTridiagonalTest {

    private static final double EPSILON = Math.ulp(1.0);

    static IntStream seeds() {
        return IntStream.range(0, 200);
    }

    /** The second difference matrix: {@code λ_k = 2 - 2cos(kπ/(n+1))}. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10, 57, 200})
    void toeplitz_matrices_have_their_known_eigenvalues(int n) {
        double[] diagonal = new double[n];
        double[] offDiagonal = new double[n];
        Arrays.fill(diagonal, 2);
        Arrays.fill(offDiagonal, -1);
        double[] values = SymmetricTridiagonal.solve(diagonal, offDiagonal, new double[0][]);
        for (int k = 1; k <= n; k++) {
            assertEquals(2 - 2 * Math.cos(k * Math.PI / (n + 1)), values[k - 1], 4 * n * EPSILON, "eigenvalue " + k);
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void eigenpairs_have_small_residuals_orthonormal_vectors_and_the_trace(int seed) {
        Random random = new Random(seed);
        int n = 1 + random.nextInt(40);
        double[] d = new double[n];
        double[] e = new double[n];
        for (int i = 0; i < n; i++) {
            d[i] = entry(random);
            e[i] = entry(random);
        }
        double[][] q = identity(n);
        double[] values = SymmetricTridiagonal.solve(d, e, q);
        double scale = DenseSymmetric.diagonal(d).norm()
                + 2 * Arrays.stream(e).map(Math::abs).max().orElseThrow();
        double bound = 10 * n * EPSILON;
        assertEquals(Arrays.stream(d).sum(), Arrays.stream(values).sum(), n * bound * scale);
        for (int k = 0; k < n; k++) {
            assertTrue(k == 0 || values[k - 1] <= values[k], "ascending");
            for (int i = 0; i < n; i++) {
                double residual = (d[i] - values[k]) * q[i][k]
                        + (i > 0 ? e[i - 1] * q[i - 1][k] : 0)
                        + (i < n - 1 ? e[i] * q[i + 1][k] : 0);
                assertEquals(0, residual, bound * scale, "row " + i + " of pair " + k);
                assertEquals(i == k ? 1 : 0, Vectors.dot(column(q, i), column(q, k)), bound);
            }
        }
    }

    /** Zeros, normal numbers, and numbers that are 1e12 or 1e-12 times as large. */
    private static double entry(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> 0;
            case 1 -> 1e12 * random.nextGaussian();
            case 2 -> 1e-12 * random.nextGaussian();
            default -> random.nextGaussian();
        };
    }

    @Test
    void scaling_by_powers_of_two_scales_the_eigenvalues_even_at_the_ends_of_the_range() {
        double[] d = {1, -2, 0.5, 3};
        double[] e = {0.25, 1, -0.75, 0};
        double[] values = SymmetricTridiagonal.solve(d, e, new double[0][]);
        for (double scale : new double[] {0x1p-1000, 0x1p1000}) {
            double[] scaled = SymmetricTridiagonal.solve(times(scale, d), times(scale, e), new double[0][]);
            assertArrayEquals(times(scale, values), scaled, 4 * Math.ulp(3 * scale));
        }
    }

    @Test
    void a_row_asked_for_alone_is_the_row_of_all_of_them() {
        double[] d = {1, -2, 0.5, 3};
        double[] e = {0.25, 1, -0.75, 0};
        double[][] all = identity(4);
        double[][] last = {{0, 0, 0, 1}};
        SymmetricTridiagonal.solve(d, e, all);
        SymmetricTridiagonal.solve(d, e, last);
        assertArrayEquals(all[3], last[0], 0);
    }

    private static double[] times(double factor, double[] x) {
        return Arrays.stream(x).map(element -> factor * element).toArray();
    }

    private static double[] column(double[][] q, int k) {
        return Arrays.stream(q).mapToDouble(row -> row[k]).toArray();
    }

    private static double[][] identity(int n) {
        double[] ones = new double[n];
        Arrays.fill(ones, 1);
        return DenseSymmetric.diagonal(ones).a();
    }
}
