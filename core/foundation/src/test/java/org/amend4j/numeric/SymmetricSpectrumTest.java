/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Spectra rebuild their matrices; tolerances are n·1e-14. */
class SymmetricSpectrumTest {

    static IntStream seeds() {
        return IntStream.range(0, 40);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void eigenpairsArePairsAndAscend(int seed) {
        Random random = new Random(seed);
        int n = 1 + random.nextInt(30);
        double[][] a = LuTest.matrix(random, n);
        Matrices.symmetriseInPlace(a);
        SymmetricSpectrum spectrum = SymmetricSpectrum.of(a);
        double allowed = n * 1e-14 * Math.max(1, Matrices.size(a));
        for (int k = 0; k < n; k++) {
            double[] v = spectrum.vectors()[k];
            assertEquals(1, Vectors.norm(v), allowed);
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

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theLargestEigenvalueIsBelowItsTwoBounds(int seed) {
        Random random = new Random(seed);
        int n = 1 + random.nextInt(30);
        double[][] root = LuTest.matrix(random, n);
        double[][] gram = Matrices.multiply(root, Matrices.transpose(root));
        Matrices.symmetriseInPlace(gram);
        SymmetricSpectrum spectrum = SymmetricSpectrum.of(gram);
        double bound = LargestEigenvalue.boundInPlace(gram);
        assertTrue(spectrum.largest() <= bound);
        assertTrue(spectrum.largest() <= spectrum.largestFromAbove());
        assertEquals(bound, spectrum.largestFromAbove(), 1e-10 * bound);
    }
}
