/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Against exact arithmetic. */
class UpwardTest {

    private static double random(Random random, int exponents) {
        double sign = random.nextBoolean() ? 1 : -1;
        return sign * Math.scalb(1 + random.nextDouble(), random.nextInt(2 * exponents) - exponents);
    }

    /** The least double that is not below the exact value. */
    private static void requireLeastAbove(BigDecimal exact, double rounded) {
        assertTrue(new BigDecimal(rounded).compareTo(exact) >= 0, () -> rounded + " is below " + exact);
        double below = Math.nextDown(rounded);
        assertTrue(new BigDecimal(below).compareTo(exact) < 0, () -> below + " would do for " + exact);
    }

    @Test
    void sumsAndProductsAreTheLeastDoublesNotBelowTheExactOnes() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            double a = random(random, 60);
            double b = random(random, 60);
            requireLeastAbove(new BigDecimal(a).add(new BigDecimal(b)), Upward.add(a, b));
            requireLeastAbove(new BigDecimal(a).multiply(new BigDecimal(b)), Upward.multiply(a, b));
        }
    }

    @Test
    void quotientsAndRootsAreTheLeastDoublesNotBelowTheExactOnes() {
        Random random = new Random(2);
        for (int i = 0; i < 20_000; i++) {
            double a = random(random, 60);
            double b = Math.abs(random(random, 60));
            double quotient = Upward.divide(a, b);
            BigDecimal back = new BigDecimal(quotient).multiply(new BigDecimal(b));
            assertTrue(back.compareTo(new BigDecimal(a)) >= 0);
            back = new BigDecimal(Math.nextDown(quotient)).multiply(new BigDecimal(b));
            assertTrue(back.compareTo(new BigDecimal(a)) < 0);
            double root = Upward.sqrt(b);
            assertTrue(new BigDecimal(root).pow(2).compareTo(new BigDecimal(b)) >= 0);
            assertTrue(new BigDecimal(Math.nextDown(root)).pow(2).compareTo(new BigDecimal(b)) < 0);
        }
    }

    @Test
    void tinyResultsAreNotBelowTheExactOnes() {
        Random random = new Random(3);
        for (int i = 0; i < 5_000; i++) {
            double a = Math.scalb(1 + random.nextDouble(), -500 - random.nextInt(30));
            double b = Math.scalb(1 + random.nextDouble(), -500 - random.nextInt(120));
            double product = Upward.multiply(a, b);
            assertTrue(new BigDecimal(product).compareTo(new BigDecimal(a).multiply(new BigDecimal(b))) >= 0);
            double quotient = Upward.divide(b, 1 / a);
            assertTrue(new BigDecimal(quotient).multiply(new BigDecimal(1 / a)).compareTo(new BigDecimal(b)) >= 0);
        }
    }

    @Test
    void exactAndInfiniteResultsStay() {
        assertEquals(0.375, Upward.multiply(0.75, 0.5));
        assertEquals(0, Upward.multiply(0, 3));
        assertEquals(0.25, Upward.divide(1, 4));
        assertEquals(3, Upward.sqrt(9));
        assertEquals(Double.POSITIVE_INFINITY, Upward.multiply(1e300, 1e300));
        assertEquals(Double.POSITIVE_INFINITY, Upward.add(1e308, 1e308));
        assertEquals(Double.POSITIVE_INFINITY, Upward.add(1, Double.POSITIVE_INFINITY));
    }

    /** 2^-960 and all above have products, quotients and roots with exact errors; below, one double more is taken. */
    @Test
    void exactResultsStayFromTheLimitOn() {
        double limit = 0x1p-960;
        assertEquals(limit, Upward.multiply(limit, 1));
        assertEquals(limit, Upward.divide(limit, 1));
        assertEquals(0x1p40, Upward.divide(limit, 0x1p-1000));
        assertEquals(limit, Upward.divide(0x1p-900, 0x1p60));
        assertEquals(0x1p-480, Upward.sqrt(limit));
        assertEquals(0, Upward.divide(0, 3));
        assertEquals(0, Upward.sqrt(0));
    }

    @Test
    void quotientsAndRootsOfTheTiniestAreNotBelowTheExactOnesAndHardlyAbove() {
        Random random = new Random(4);
        for (int i = 0; i < 5_000; i++) {
            double a = Math.scalb(1 + random.nextDouble(), -1035 + random.nextInt(70));
            double b = Math.scalb(1 + random.nextDouble(), -1035 + random.nextInt(70));
            double quotient = Upward.divide(a, b);
            assertTrue(new BigDecimal(quotient).multiply(new BigDecimal(b)).compareTo(new BigDecimal(a)) >= 0);
            double root = Upward.sqrt(a);
            assertTrue(new BigDecimal(root).pow(2).compareTo(new BigDecimal(a)) >= 0);
            double below = Math.nextDown(Math.nextDown(root));
            assertTrue(new BigDecimal(below).pow(2).compareTo(new BigDecimal(a)) < 0);
        }
    }

    @Test
    void theDistanceToOneIsNotBelowTheExactOneAndAtMostTwoRoundingsAbove() {
        Random random = new Random(5);
        for (int i = 0; i < 5_000; i++) {
            double a = Math.abs(random(random, 3));
            double b = Math.abs(random(random, 3));
            BigDecimal exact = new BigDecimal(a)
                    .multiply(new BigDecimal(b))
                    .subtract(BigDecimal.ONE)
                    .abs();
            double distance = Upward.distanceToOne(a, b);
            assertTrue(new BigDecimal(distance).compareTo(exact) >= 0);
            assertEquals(exact.doubleValue(), distance, 0x1p-51 * (a * b + 1));
        }
    }

    @Test
    void halvesOfDifferencesAreTheLeastDoublesNotBelowTheExactOnesAndDoNotOverflow() {
        Random random = new Random(6);
        for (int i = 0; i < 20_000; i++) {
            double a = random(random, 60);
            double b = random(random, 60);
            BigDecimal exact = new BigDecimal(a).subtract(new BigDecimal(b)).divide(BigDecimal.valueOf(2));
            requireLeastAbove(exact, Upward.halfDifference(a, b));
        }
        assertEquals(Double.MAX_VALUE, Upward.halfDifference(Double.MAX_VALUE, -Double.MAX_VALUE));
        assertEquals(Double.MIN_VALUE, Upward.halfDifference(Double.MIN_VALUE, 0));
        assertTrue(Upward.halfDifference(0, Double.MIN_VALUE) >= -Double.MIN_VALUE / 2);
    }

    @Test
    void downwardIsUpwardMirrored() {
        Random random = new Random(7);
        for (int i = 0; i < 5_000; i++) {
            double a = random(random, 60);
            double b = Math.abs(random(random, 60));
            assertEquals(-Upward.add(-a, -b), Downward.add(a, b));
            BigDecimal exact = new BigDecimal(a).multiply(new BigDecimal(b));
            assertTrue(new BigDecimal(Downward.multiply(a, b)).compareTo(exact) <= 0);
            assertTrue(new BigDecimal(Math.nextUp(Downward.multiply(a, b))).compareTo(exact) > 0);
            double quotient = Downward.divide(a, b);
            assertTrue(new BigDecimal(quotient).multiply(new BigDecimal(b)).compareTo(new BigDecimal(a)) <= 0);
        }
    }

    private static BigDecimal squares(double[] x) {
        BigDecimal sum = BigDecimal.ZERO;
        for (double element : x) {
            sum = sum.add(new BigDecimal(element).pow(2));
        }
        return sum;
    }

    /** Each square, each sum and the root move up by less than 2^-52 of them: (n + 1)/2 + 1 of it in the norm. */
    @Test
    void aNormIsNotBelowTheExactOneAndHardlyAbove() {
        Random random = new Random(8);
        for (int i = 0; i < 5_000; i++) {
            int n = 1 + random.nextInt(40);
            int exponents = i % 2 == 0 ? 5 : 450;
            double[] x = new double[n];
            for (int k = 0; k < n; k++) {
                x[k] = random(random, exponents);
            }
            double norm = Upward.norm(x);
            BigDecimal exact = squares(x);
            assertTrue(new BigDecimal(norm).pow(2).compareTo(exact) >= 0);
            double below = norm * (1 - (n + 5) / 2.0 * 0x1p-52);
            assertTrue(new BigDecimal(below).pow(2).compareTo(exact) < 0, () -> norm + " is far above");
        }
    }

    /** The twin: an ordinary loop is below the exact norm about every second time. */
    @Test
    void anOrdinaryNormIsOftenBelow() {
        Random random = new Random(9);
        int below = 0;
        for (int i = 0; i < 1_000; i++) {
            double[] x = random.doubles(10, -1, 1).toArray();
            below += new BigDecimal(Vectors.normInOrder(x)).pow(2).compareTo(squares(x)) < 0 ? 1 : 0;
        }
        assertTrue(below > 250, below + " of 1,000");
    }

    /** A square below the least double becomes that one; so n of them have a root of at most √(n·2^-1074), rounded. */
    @Test
    void normsOfTheTiniestAreNotBelowTheExactOnes() {
        Random random = new Random(10);
        for (int i = 0; i < 5_000; i++) {
            double[] x = new double[1 + random.nextInt(9)];
            for (int k = 0; k < x.length; k++) {
                x[k] = Math.scalb(1 + random.nextDouble(), -500 - random.nextInt(574));
            }
            double norm = Upward.norm(x);
            assertTrue(new BigDecimal(norm).pow(2).compareTo(squares(x)) >= 0);
            assertTrue(norm <= Vectors.norm(x) * (1 + 1e-9) + 3 * 0x1p-536 * (1 + 1e-15), () -> norm + " is far above");
        }
    }

    @Test
    void normsOfWhatIsNotANumberOverflowsOrIsZeroSayWhatItIs() {
        assertEquals(0, Upward.norm(new double[3]));
        assertEquals(0, Upward.norm(new double[] {-0.0}));
        assertEquals(5, Upward.norm(new double[] {3, -4}));
        assertEquals(Double.NaN, Upward.norm(new double[] {1, Double.NaN}));
        assertEquals(Double.POSITIVE_INFINITY, Upward.norm(new double[] {1, Double.NEGATIVE_INFINITY, 1e200}));
        assertEquals(Double.POSITIVE_INFINITY, Upward.norm(new double[] {1e200, 1}));
        assertTrue(Double.isNaN(Upward.norm(new double[] {Double.NaN, Double.POSITIVE_INFINITY})));
    }
}
