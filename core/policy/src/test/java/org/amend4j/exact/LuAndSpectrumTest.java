package org.amend4j.exact;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Solved systems solve, spectra rebuild their matrices; tolerances are n·1e-15 times generous constants. */
class LuAndSpectrumTest {

    static IntStream seeds() {
        return IntStream.range(0, 40);
    }

    private static double[][] normals(Random random, int n) {
        double[][] result = new double[n][];
        for (int i = 0; i < n; i++) {
            result[i] = RandomProcess.normals(random, n);
        }
        return result;
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void solutionsSolveTheSystemAndItsTranspose(int seed) {
        Random random = new Random(seed);
        int n = 1 + random.nextInt(30);
        double[][] a = normals(random, n);
        double[] b = RandomProcess.normals(random, n);
        Lu lu = Lu.of(a);
        residual(a, lu.solve(b), b);
        residual(Matrices.transpose(a), lu.solveTransposed(b), b);
    }

    /** Partial pivoting is backward stable: ‖Ax - b‖ is of the order n²·u·‖A‖·‖x‖. */
    private static void residual(double[][] a, double[] x, double[] b) {
        double allowed = a.length * a.length * 1e-15 * Matrices.size(a) * Math.max(1, Close.norm(x));
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

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void eigenpairsArePairsAndAscend(int seed) {
        Random random = new Random(seed);
        int n = 1 + random.nextInt(30);
        double[][] a = normals(random, n);
        Matrices.symmetriseInPlace(a);
        SymmetricSpectrum spectrum = SymmetricSpectrum.of(a);
        double allowed = n * 1e-14 * Math.max(1, Matrices.size(a));
        for (int k = 0; k < n; k++) {
            double[] v = spectrum.vectors()[k];
            assertEquals(1, Close.norm(v), allowed);
            for (int i = 0; i < n; i++) {
                assertEquals(spectrum.values()[k] * v[i], Matrices.dot(a[i], v), allowed);
            }
            assertTrue(k == 0 || spectrum.values()[k - 1] <= spectrum.values()[k]);
        }
    }

    @Test
    void aSpectrumOfNaNIsRefused() {
        assertThrows(ArithmeticException.class, () -> SymmetricSpectrum.of(new double[][] {{Double.NaN}}));
        assertThrows(IllegalArgumentException.class, () -> SymmetricSpectrum.of(new double[][] {{1, 2}}));
    }
}
