/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConjugateGradientsTest {

    private static final double UNIT = 0x1p-53;
    private static final ConjugateGradients.ProductListener ANY = () -> {};

    /** Counts products. */
    private static final class Products implements ConjugateGradients.ProductListener {
        private int made;

        @Override
        public void product() {
            made++;
        }
    }

    static IntStream seeds() {
        return IntStream.range(0, 200);
    }

    /** Eigenvalues over up to four orders of magnitude. */
    private static DenseSymmetric positive(Random random, int n) {
        double orders = 4 * random.nextDouble();
        double[] spectrum = new double[n];
        for (int i = 0; i < n; i++) {
            spectrum[i] = Math.pow(10, orders * (random.nextDouble() - 0.5));
        }
        return DenseSymmetric.withSpectrum(spectrum, random);
    }

    private static double residual(SymmetricOperator a, double[] b, double[] x) {
        double[] residual = new double[b.length];
        a.apply(x, residual);
        Vectors.add(-1, b, residual);
        return Vectors.norm(residual);
    }

    /**
     * The residual that the solver carries along drifts from the true one: every product moves it by fewer than n + 10 units of what it is
     * added to, at most ‖A‖·‖x‖ + ‖b‖, since the iterates only grow (Greenbaum, SIAM J. Matrix Anal. 18(3), 1997).
     */
    private static double drift(DenseSymmetric a, double[] b, double[] x, int products) {
        return (products + 1) * (b.length + 10) * UNIT * (a.norm() * Vectors.norm(x) + Vectors.norm(b));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void theResidualIsAtMostTheToleranceOfTheRightSide(int seed) throws InterruptedException {
        Random random = new Random(seed);
        int n = 1 + random.nextInt(30);
        DenseSymmetric a = positive(random, n);
        double[] b = random.doubles(n, -5, 5).toArray();
        double[] copy = b.clone();
        for (double tolerance : new double[] {0.5, 0.1, 1e-3, 1e-6}) {
            Products products = new Products();
            double[] x = ConjugateGradients.solve(a, b, tolerance, 100 * n, products);
            double allowed = tolerance * Vectors.norm(b) + drift(a, b, x, products.made);
            double residual = residual(a, b, x);
            assertTrue(residual <= allowed, () -> residual + " is above " + allowed);
            assertArrayEquals(copy, b, 0);
            assertArrayEquals(x, ConjugateGradients.solve(a, b, tolerance, 100 * n, ANY), 0);
        }
    }

    /** The twin: one product fewer than it takes leaves more than the tolerance. */
    @ParameterizedTest
    @MethodSource("seeds")
    void oneProductFewerLeavesMore(int seed) throws InterruptedException {
        Random random = new Random(seed);
        int n = 2 + random.nextInt(29);
        DenseSymmetric a = positive(random, n);
        double[] b = random.doubles(n, -5, 5).toArray();
        Products products = new Products();
        ConjugateGradients.solve(a, b, 1e-6, 100 * n, products);
        int fewer = Math.max(1, products.made - 1);
        double[] x = ConjugateGradients.solve(a, b, 1e-6, fewer, ANY);
        double residual = residual(a, b, x);
        double least = 1e-6 * Vectors.norm(b) - drift(a, b, x, fewer);
        assertTrue(products.made == 1 || residual > least, () -> residual + " after " + fewer);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7})
    void itTakesAsManyProductsAsThereAreEigenvalues(int different) throws InterruptedException {
        Random random = new Random(different);
        double[] spectrum = new double[20];
        double[] expected = new double[20];
        double[] b = random.doubles(20, 1, 2).toArray();
        for (int i = 0; i < 20; i++) {
            spectrum[i] = 1 + i % different;
            expected[i] = b[i] / spectrum[i];
        }
        DenseSymmetric a = DenseSymmetric.diagonal(spectrum);
        Products products = new Products();
        double[] x = ConjugateGradients.solve(a, b, 1e-10, 100, products);
        assertEquals(different, products.made);
        // the smallest eigenvalue is 1: an error is no longer than its residual
        double allowed = 1e-10 * Vectors.norm(b) + drift(a, b, x, different);
        assertArrayEquals(expected, x, allowed);
    }

    @Test
    void aMultipleOfTheIdentityIsSolvedToTheByte() throws InterruptedException {
        double[] spectrum = new double[6];
        Arrays.fill(spectrum, 0.125);
        double[] b = {1, -3, 0x1p40, 7e-3, 0, 2.5};
        Products products = new Products();
        double[] x = ConjugateGradients.solve(DenseSymmetric.diagonal(spectrum), b, 1e-15, 9, products);
        assertArrayEquals(Arrays.stream(b).map(e -> 8 * e).toArray(), x, 0);
        assertEquals(1, products.made);
    }

    @Test
    void zeroIsTheSolutionForZeroWithoutAnyProduct() throws InterruptedException {
        Products products = new Products();
        DenseSymmetric a = DenseSymmetric.diagonal(new double[] {1, 2});
        assertArrayEquals(new double[2], ConjugateGradients.solve(a, new double[2], 0.1, 5, products), 0);
        assertEquals(0, products.made);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN})
    void whereTheFirstDirectionIsNotPositiveTheAnswerIsTheRightSide(double eigenvalue) throws InterruptedException {
        DenseSymmetric a = DenseSymmetric.diagonal(new double[] {eigenvalue, eigenvalue});
        double[] b = {3, 4};
        double[] x = ConjugateGradients.solve(a, b, 0.1, 5, ANY);
        assertArrayEquals(b, x, 0);
        assertNotSame(b, x);
    }

    /** {@code bᵀAb > 0}, and the direction that is conjugate to b has the other sign. */
    @Test
    void whereALaterDirectionIsNotPositiveTheAnswerIsWhatWasReachedBefore() throws InterruptedException {
        DenseSymmetric a = DenseSymmetric.diagonal(new double[] {2, -1});
        double[] b = {2, 1};
        Products products = new Products();
        double[] x = ConjugateGradients.solve(a, b, 1e-12, 50, products);
        assertEquals(2, products.made);
        // 5/7, the quotient of bᵀb and bᵀAb, times b
        assertArrayEquals(new double[] {10 / 7.0, 5 / 7.0}, x, 4 * UNIT);
        assertArrayEquals(ConjugateGradients.solve(a, b, 1e-12, 1, ANY), x, 0);
    }

    @Test
    void itIsAskedBeforeEveryProductAndStopsWhenItIsTold() {
        DenseSymmetric a = positive(new Random(1), 20);
        double[] b = new Random(2).doubles(20).toArray();
        int[] asked = {0};
        ConjugateGradients.ProductListener third = () -> {
            if (++asked[0] == 3) {
                throw new InterruptedException("enough");
            }
        };
        int[] products = {0};
        SymmetricOperator counted = new SymmetricOperator() {
            @Override
            public int dimension() {
                return 20;
            }

            @Override
            public void apply(double[] v, double[] into) {
                products[0]++;
                a.apply(v, into);
            }
        };
        assertThrows(InterruptedException.class, () -> ConjugateGradients.solve(counted, b, 1e-12, 100, third));
        assertEquals(2, products[0]);
    }

    @Test
    void impossibleArgumentsAreRefused() {
        DenseSymmetric a = DenseSymmetric.diagonal(new double[] {1, 2});
        refused("the right side must have 2 elements", () -> ConjugateGradients.solve(a, new double[3], 0.1, 5, ANY));
        refused("products must be >= 1", () -> ConjugateGradients.solve(a, new double[2], 0.1, 0, ANY));
    }
}
