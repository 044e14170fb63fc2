/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.privacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.SplittableRandom;
import org.amend4j.numeric.Summation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FloatSlackTest {

    private static final double U = 0x1p-53;

    /** RAND HIE, λ = 0.01: the notes' 1.8e-10 per trajectory in naive order, hundreds of times less pairwise. */
    @Test
    void randHieHasItsSlack() {
        assertEquals(1.8e-10, randHie(Summation.NAIVE), 0.05e-10);
        double pairwise = randHie(Summation.PAIRWISE);
        assertTrue(pairwise > 2.5e-13 && pairwise < 4e-13, () -> "pairwise " + pairwise);
        assertTrue(randHie(Summation.COMPENSATED) < pairwise);
    }

    private static double randHie(Summation summation) {
        FloatSlack slack = new FloatSlack(summation, 16_146, 16_384, 1, 1, 10, 1);
        double step = 1 / 0.26;
        double total = 0;
        for (int t = 0; t < 400; t++) {
            total = FloatSlack.afterStep(total, 1 - step * 0.01, slack.ofStep(step, 2.2));
        }
        return total;
    }

    @Test
    void aStepIsItsFormula() {
        double gamma = 100 * U / (1 - 100 * U);
        double logistic = 0.5 * (100 / 128.0) * (gamma * 2 + 3 * (10 * U * 3 * 7 / 4 + 8 * U)) + 4 * U * 7;
        assertEquals(logistic, new FloatSlack(Summation.NAIVE, 100, 128, 2, 3, 10, 1).ofStep(0.5, 7), 1e-13 * logistic);
        double residual = (10 + Math.sqrt(8)) * U * 3 * 7 / 2 + 12 * U;
        double softmax = 0.5 * (100 / 128.0) * (gamma * 2 + 3 * residual) + 4 * U * 7;
        assertEquals(softmax, new FloatSlack(Summation.NAIVE, 100, 128, 2, 3, 10, 4).ofStep(0.5, 7), 1e-13 * softmax);
    }

    @ParameterizedTest
    @CsvSource({"1, 0, 1", "2, 1, 2", "3, 2, 3", "1024, 10, 1024", "1025, 11, 1025"})
    void sumsErrByTheirOrder(long terms, double pairwise, double naive) {
        assertEquals(pairwise * U, Summation.PAIRWISE.relativeError(terms), 1e-12 * U * terms);
        assertEquals(naive * U, Summation.NAIVE.relativeError(terms), 1e-12 * U * terms);
        assertEquals(2 * U, Summation.COMPENSATED.relativeError(terms), 1e-9 * U);
    }

    /** The law that the sums' errors are bounds, on random terms of both signs. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5})
    void computedSumsStayWithinTheirErrors(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[] terms = random.doubles(3000, -1, 1).toArray();
        BigDecimal exact = BigDecimal.ZERO;
        double size = 0;
        double naive = 0;
        for (double term : terms) {
            exact = exact.add(new BigDecimal(term));
            size += Math.abs(term);
            naive += term;
        }
        assertTrue(error(exact, naive) <= size * Summation.NAIVE.relativeError(3000));
        assertTrue(error(exact, pairwise(terms, 0, 3000)) <= size * Summation.PAIRWISE.relativeError(3000));
        assertTrue(error(exact, kahan(terms)) <= size * Summation.COMPENSATED.relativeError(3000));
    }

    private static double error(BigDecimal exact, double computed) {
        return exact.subtract(new BigDecimal(computed)).abs().doubleValue();
    }

    private static double pairwise(double[] terms, int from, int to) {
        int middle = (from + to) >>> 1;
        return to - from == 1 ? terms[from] : pairwise(terms, from, middle) + pairwise(terms, middle, to);
    }

    private static double kahan(double[] terms) {
        double sum = 0;
        double lost = 0;
        for (double term : terms) {
            double y = term - lost;
            double next = sum + y;
            lost = next - sum - y;
            sum = next;
        }
        return sum;
    }

    /** Logistic regression in double against 34 digits: the distance stays below the slack, and within a factor 10,000. */
    @Test
    void aComputedTrajectoryStaysWithinItsSlack() {
        int n = 20;
        int d = 3;
        double step = 2;
        double decay = 0.02;
        SplittableRandom random = new SplittableRandom(9);
        double[][] features = new double[n][];
        for (int r = 0; r < n; r++) {
            features[r] = random.doubles(d, -0.55, 0.55).toArray(); // norms up to 0.96
        }
        Head head = new Head(features, step, decay);
        FloatSlack slack = new FloatSlack(Summation.NAIVE, n, n, 1, 1, d, 1);
        double[] theta = new double[d];
        BigDecimal[] real = {BigDecimal.ZERO, BigDecimal.ZERO, BigDecimal.ZERO};
        double total = 0;
        for (int t = 0; t < 60; t++) {
            double before = norm(theta);
            theta = head.step(theta);
            real = head.step(real);
            total = FloatSlack.afterStep(
                    total, 1 - step * decay, slack.ofStep(step, Math.max(before, norm(theta)) * (1 + 1e-9)));
            double distance = 0;
            for (int j = 0; j < d; j++) {
                distance = Math.hypot(distance, error(real[j], theta[j]));
            }
            double seen = distance;
            double allowed = total;
            assertTrue(seen <= allowed, () -> seen + " is above " + allowed);
            assertTrue(t < 10 || seen >= allowed / 10_000, () -> seen + " is far below " + allowed);
        }
    }

    private static double norm(double[] theta) {
        double norm = 0;
        for (double x : theta) {
            norm = Math.hypot(norm, x);
        }
        return norm;
    }

    /** Full-batch descent on logistic regression, labels alternating, twice. */
    private static final class Head {

        private static final MathContext DIGITS = MathContext.DECIMAL128;

        private final double[][] features;
        private final double step;
        private final double decay;

        Head(double[][] features, double step, double decay) {
            this.features = features;
            this.step = step;
            this.decay = decay;
        }

        double[] step(double[] theta) {
            double[] gradient = new double[theta.length];
            for (int r = 0; r < features.length; r++) {
                double z = 0;
                for (int j = 0; j < theta.length; j++) {
                    z += features[r][j] * theta[j];
                }
                double residual = 1 / (1 + Math.exp(-z)) - r % 2;
                for (int j = 0; j < theta.length; j++) {
                    gradient[j] += features[r][j] * residual;
                }
            }
            double[] next = new double[theta.length];
            for (int j = 0; j < theta.length; j++) {
                next[j] = theta[j] * (1 - step * decay) - step / features.length * gradient[j];
            }
            return next;
        }

        BigDecimal[] step(BigDecimal[] theta) {
            BigDecimal[] next = new BigDecimal[theta.length];
            BigDecimal[] gradient = {BigDecimal.ZERO, BigDecimal.ZERO, BigDecimal.ZERO};
            for (int r = 0; r < features.length; r++) {
                BigDecimal z = BigDecimal.ZERO;
                for (int j = 0; j < theta.length; j++) {
                    z = z.add(new BigDecimal(features[r][j]).multiply(theta[j], DIGITS), DIGITS);
                }
                BigDecimal residual = BigDecimal.ONE
                        .divide(BigDecimal.ONE.add(exp(z.negate()), DIGITS), DIGITS)
                        .subtract(BigDecimal.valueOf(r % 2));
                for (int j = 0; j < theta.length; j++) {
                    gradient[j] = gradient[j].add(new BigDecimal(features[r][j]).multiply(residual, DIGITS), DIGITS);
                }
            }
            for (int j = 0; j < theta.length; j++) {
                BigDecimal shrink = BigDecimal.ONE.subtract(new BigDecimal(step).multiply(new BigDecimal(decay)));
                BigDecimal move = new BigDecimal(step / features.length).multiply(gradient[j], DIGITS);
                next[j] = theta[j].multiply(shrink, DIGITS).subtract(move, DIGITS);
            }
            return next;
        }

        /** The series, for |x| of a few units: 60 terms leave less than 1e-34 of it. */
        private static BigDecimal exp(BigDecimal x) {
            BigDecimal term = BigDecimal.ONE;
            BigDecimal sum = BigDecimal.ONE;
            for (int k = 1; k < 60; k++) {
                term = term.multiply(x, DIGITS).divide(BigDecimal.valueOf(k), DIGITS);
                sum = sum.add(term, DIGITS);
            }
            return sum;
        }
    }

    @Test
    void theSlackIsAddedTwiceAndRefusedWhereItDominates() {
        double sum = FloatSlack.addTo(1e-3, 1e-10);
        assertTrue(sum >= 1e-3 + 2e-10 && sum < 1e-3 + 2.0001e-10);
        assertEquals(Math.nextUp(4e-10), FloatSlack.addTo(2e-10, 1e-10));
        Exception e = assertThrows(ArithmeticException.class, () -> FloatSlack.addTo(1e-20, 4e-16));
        assertTrue(e.getMessage().contains("1.0E-20") && e.getMessage().contains("8.0E-16"), e::getMessage);
        assertThrows(ArithmeticException.class, () -> FloatSlack.addTo(1, Double.POSITIVE_INFINITY));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1, Double.NaN, Double.POSITIVE_INFINITY})
    void impossibleArgumentsAreRefused(double value) {
        assertThrows(IllegalArgumentException.class, () -> new FloatSlack(Summation.NAIVE, 10, value, 1, 1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new FloatSlack(Summation.NAIVE, 10, 1, value, 1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new FloatSlack(Summation.NAIVE, 10, 1, 1, value, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> FloatSlack.addTo(value, 0));
        FloatSlack slack = new FloatSlack(Summation.NAIVE, 10, 1, 1, 1, 1, 1);
        assertThrows(IllegalArgumentException.class, () -> slack.ofStep(value, 1));
    }

    @Test
    void impossibleCountsAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new FloatSlack(Summation.NAIVE, 0, 1, 1, 1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new FloatSlack(Summation.NAIVE, 1L << 41, 1, 1, 1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> new FloatSlack(Summation.NAIVE, 1, 1, 1, 1, 0, 1));
        assertThrows(IllegalArgumentException.class, () -> new FloatSlack(Summation.NAIVE, 1, 1, 1, 1, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> FloatSlack.afterStep(-1, 1, 1));
        assertThrows(IllegalArgumentException.class, () -> FloatSlack.afterStep(0, Double.POSITIVE_INFINITY, 1));
        assertThrows(IllegalArgumentException.class, () -> FloatSlack.afterStep(0, 1, Double.NaN));
    }

    private static final double UP = 1 + 1e-14;

    /** A formula in doubles is off by a dozen units at most, which is less than 2e-15. */
    private static void assertRoundedUp(double formula, double value) {
        assertEquals(formula * UP, value, 2e-15 * value);
    }

    /** The most terms, where the second order of the errors is visible. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 1000, 1L << 30, 1L << 40})
    void sumsErrByTheirFormulasRoundedUp(long terms) {
        double naive = terms * U;
        assertRoundedUp(naive / (1 - naive), Summation.NAIVE.relativeError(terms));
        double pairwise = Math.ceil(Math.log((double) terms) / Math.log(2) - 1e-9) * U;
        assertRoundedUp(pairwise / (1 - pairwise), Summation.PAIRWISE.relativeError(terms));
        assertRoundedUp(2 * U + 2 * naive * naive, Summation.COMPENSATED.relativeError(terms));
    }

    @Test
    void aStepIsRoundedUp() {
        double gamma = Summation.NAIVE.relativeError(100);
        double logistic = 0.5 * (100 / 128.0) * (gamma * 2 + 3 * (10 * U * 3 * 7 / 4 + 8 * U)) + 4 * U * 7;
        assertRoundedUp(logistic, new FloatSlack(Summation.NAIVE, 100, 128, 2, 3, 10, 1).ofStep(0.5, 7));
    }

    @Test
    void aStepMayForgetAllErrorsBefore() {
        assertEquals(Math.nextUp(Double.MIN_VALUE + 3.0), FloatSlack.afterStep(5, 0, 3));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-1, Double.NaN})
    void negativeNormsAndSlacksAreRefused(double value) {
        FloatSlack slack = new FloatSlack(Summation.NAIVE, 10, 1, 1, 1, 1, 1);
        assertThrows(IllegalArgumentException.class, () -> slack.ofStep(1, value));
        assertThrows(IllegalArgumentException.class, () -> FloatSlack.addTo(1, value));
    }
}
