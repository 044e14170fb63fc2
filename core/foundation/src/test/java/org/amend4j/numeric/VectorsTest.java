/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Norms are within the errors they state of exact ones, and to the bit what they say they are. */
class VectorsTest {

    static IntStream seeds() {
        return IntStream.range(0, 200);
    }

    private static double[] vector(int seed) {
        Random random = new Random(seed);
        double[] x = new double[1 + random.nextInt(60)];
        int exponents = 1 + random.nextInt(60);
        for (int i = 0; i < x.length; i++) {
            x[i] = Math.scalb(random.nextGaussian(), random.nextInt(exponents) - exponents / 2);
        }
        return x;
    }

    private static double exact(double[] x) {
        BigDecimal squares = BigDecimal.ZERO;
        for (double element : x) {
            squares = squares.add(new BigDecimal(element).pow(2));
        }
        return squares.sqrt(MathContext.DECIMAL128).doubleValue();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void normsAreWithinTheirErrors(int seed) {
        double[] x = vector(seed);
        double exact = exact(x);
        // one more unit for the exact norm's own rounding
        assertEquals(exact, Vectors.norm(x), (x.length / 2.0 + 2) * Summation.UNIT * exact);
        assertEquals(exact, Vectors.normInOrder(x), (x.length / 2.0 + 2) * Summation.UNIT * exact);
        assertEquals(exact, Vectors.compensatedNorm(x), 4 * Summation.UNIT * exact);
        assertEquals(exact, Vectors.correctedNorm(x), 4 * Summation.UNIT * exact);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theNormInOrderIsThatOfAnOrdinaryLoop(int seed) {
        double[] x = vector(seed);
        assertEquals(Math.sqrt(Matrices.dot(x, x)), Vectors.normInOrder(x));
    }

    /** Java says nothing of the order of its sums; this is what its versions from 17 on do. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void theCorrectedNormIsThatOfJavasSums(int seed) {
        double[] x = vector(seed);
        assertEquals(Math.sqrt(Arrays.stream(x).map(e -> e * e).sum()), Vectors.correctedNorm(x));
    }

    @Test
    void theLastCorrectionCountsWhereTheLastSquareIsTheLargest() {
        double[] x = {-0.016860550724277338, -0.44730511527776523, 0.8023362621899858};
        assertEquals(0.8441096219493784, Vectors.squares(x, 0, 3));
        CompensatedSum sum = new CompensatedSum();
        Arrays.stream(x).forEach(e -> sum.add(e * e));
        assertEquals(0.8441096219493783, sum.corrected());
    }

    @Test
    void normsOverflowToInfinityAndKeepNaN() {
        double[] large = {1e200, 1, 1};
        assertEquals(1e200, Vectors.norm(large));
        assertEquals(Double.POSITIVE_INFINITY, Vectors.normInOrder(large));
        assertEquals(Double.POSITIVE_INFINITY, Vectors.correctedNorm(large));
        assertTrue(Double.isNaN(Vectors.correctedNorm(new double[] {1, Double.NaN, 1e200})));
    }

    @Test
    void sumsOfSquaresKeepSmallTermsAndOverflowToInfinity() {
        double[] x = new double[1_000_001];
        Arrays.fill(x, 1e-8);
        x[0] = 1;
        // plain summation would lose every one of them: 1 + 1e-16 = 1
        assertEquals(1 + 1e-10, Vectors.squares(x, 0, x.length), 4e-16);
        assertEquals(Double.POSITIVE_INFINITY, Vectors.squares(new double[] {1e200, 1, 1}, 0, 3));
        assertTrue(Double.isNaN(Vectors.squares(new double[] {1, Double.NaN, 1}, 0, 3)));
    }
}
