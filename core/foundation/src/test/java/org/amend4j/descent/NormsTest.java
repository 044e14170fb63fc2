package org.amend4j.descent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.amend4j.objective.AdapterBlock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Norms that guarantees rest on are not below the true ones. */
class NormsTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8, 33, 100})
    void theLargestEigenvalueOfAProductIsNeverUnderestimatedAndTight(int n) {
        // x·xᵀ of integers: ‖x‖² is exact
        double[] x = new Random(n).ints(n, -9, 10).asDoubleStream().toArray();
        x[0] = 3;
        double[] matrix = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                matrix[i * n + j] = x[i] * x[j];
            }
        }
        double exact = SmoothLoss.dot(x, x);
        double largest = SymmetricEigenvalues.largest(matrix, n);
        assertTrue(largest >= exact, largest + " < " + exact);
        assertEquals(exact, largest, 1e-9 * exact);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 5, 16, 64})
    void theLargestEigenvalueIsAboveEveryRayleighQuotientAndCloseToTheBest(int n) {
        Random random = new Random(n);
        double[] matrix = new double[n * n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                matrix[i * n + j] = random.nextGaussian() + (i == j ? 3 * Math.sqrt(n) : 0);
                matrix[j * n + i] = matrix[i * n + j];
            }
        }
        double largest = SymmetricEigenvalues.largest(matrix.clone(), n);
        double[] v = random.doubles(n).toArray();
        double quotient = 0;
        for (int k = 0; k < 20_000; k++) {
            double[] next = new double[n];
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    next[i] += matrix[i * n + j] * v[j];
                }
            }
            quotient = SmoothLoss.dot(v, next) / SmoothLoss.dot(v, v);
            double norm = Norms.norm(next);
            for (int i = 0; i < n; i++) {
                v[i] = next[i] / norm;
            }
        }
        // the quotient has n² roundings of its own, far below the bound's margin
        assertTrue(largest >= quotient * (1 - 1e-14), largest + " < " + quotient);
        assertEquals(quotient, largest, 1e-9 * quotient);
    }

    @Test
    void theSpectralNormOfFactorsIsThatOfTheirSingularValues() {
        // A = columns (3, 0, 4)·2 and (0, 1, 0): singular values 10 and 1; B = 2×2 diag(5, 7) with columns exchanged
        double[] theta = {99, 6, 0, 8, 0, 1, 0, 0, 7, 5, 0};
        AdapterBlock block = new AdapterBlock("l", 1, 3, 2, 7, 2, 1);
        double exact = Math.sqrt(100 + 49);
        double norm = Norms.spectral(theta, block);
        assertTrue(norm >= exact);
        assertEquals(exact, norm, 1e-13 * exact);
        assertEquals(100 + 1 + 49 + 25, Norms.frobeniusSquares(theta, block));
    }

    @Test
    void sumsOfSquaresKeepSmallTermsAndOverflowToInfinity() {
        double[] x = new double[1_000_001];
        Arrays.fill(x, 1e-8);
        x[0] = 1;
        // plain summation would lose every one of them: 1 + 1e-16 = 1
        assertEquals(1 + 1e-10, Norms.squares(x, 0, x.length), 4e-16);
        assertEquals(Double.POSITIVE_INFINITY, Norms.squares(new double[] {1e200, 1, 1}, 0, 3));
        assertTrue(Double.isNaN(Norms.squares(new double[] {1, Double.NaN, 1}, 0, 3)));
    }
}
