/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogisticRegressionTest {

    /** The solution is accurate to a squared step of 1e-9; sums of 80 terms round to 1e-13. */
    private static final double SOLVED = 1e-10;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void theGradientAtTheSolutionIsZero(long seed) {
        Case data = new Case(seed);
        for (double ridge : new double[] {0, 1e-3, 1, 50}) {
            LogisticRegression fitted = LogisticRegression.fit(data.rows, data.positive, ridge);
            assertTrue(fitted.converged());
            double[] weights = withIntercept(fitted);
            for (double partial : data.gradient(weights, ridge)) {
                assertEquals(0, partial, SOLVED);
            }
        }
    }

    /**
     * Gradient descent, without Newton's matrix. With ridge 1 the objective is at least 1-convex in the weights and far more
     * curved in the intercept, so the distance is at most the gradient.
     */
    @ParameterizedTest
    @ValueSource(longs = {6, 7, 8})
    void itIsWhereGradientDescentEnds(long seed) {
        Case data = new Case(seed);
        double[] weights = new double[4];
        double step = 4.0 / (4 * data.rows.length + 4); // 1 / (n/4 · largest ‖x‖² on average, 4, + ridge)
        double[] gradient = data.gradient(weights, 1);
        for (int i = 0; i < 20_000 && norm(gradient) > 1e-11; i++) {
            for (int j = 0; j < weights.length; j++) {
                weights[j] -= step * gradient[j];
            }
            gradient = data.gradient(weights, 1);
        }
        assertTrue(norm(gradient) <= 1e-11, "descent did not arrive: " + norm(gradient));
        assertArrayEquals(weights, withIntercept(LogisticRegression.fit(data.rows, data.positive, 1)), SOLVED);
    }

    /** Two groups: their log odds are those of their own shares. */
    @Test
    void aTwoByTwoTableGivesItsLogOdds() {
        double[][] rows = new double[20][1];
        boolean[] positive = new boolean[20];
        for (int i = 0; i < 20; i++) {
            rows[i][0] = i < 8 ? 3 : -1;
            positive[i] = i < 8 ? i < 6 : i < 11;
        }
        LogisticRegression fitted = LogisticRegression.fit(rows, positive, 0);
        assertTrue(fitted.converged());
        assertEquals(Math.log(6.0 / 2), fitted.logOdds(new double[] {3}), SOLVED);
        assertEquals(Math.log(3.0 / 9), fitted.logOdds(new double[] {-1}), SOLVED);
    }

    /** x = ±1, balanced: the ridge solution satisfies {@code n(share - σ(w)) = ridge·w}, solved by bisection. */
    @Test
    void oneWeightSolvesItsEquation() {
        double[][] rows = new double[40][1];
        boolean[] positive = new boolean[40];
        for (int i = 0; i < 40; i++) {
            rows[i][0] = i < 20 ? 1 : -1;
            positive[i] = i < 15 || i >= 35;
        }
        double low = 0;
        double high = 10;
        for (int i = 0; i < 200; i++) {
            double w = (low + high) / 2;
            if (40 * (0.75 - 1 / (1 + Math.exp(-w))) > 2 * w) {
                low = w;
            } else {
                high = w;
            }
        }
        LogisticRegression fitted = LogisticRegression.fit(rows, positive, 2);
        assertEquals(low, fitted.weights()[0], SOLVED);
        assertEquals(0, fitted.intercept(), SOLVED);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1})
    void aColumnThatOnlyRoundsHasNoWeight(double ridge) {
        double[][] rows = {{0.1 + 0.2}, {0.3}, {0.3}, {0.3}};
        boolean[] positive = {true, false, false, false};
        LogisticRegression fitted = LogisticRegression.fit(rows, positive, ridge);
        assertTrue(fitted.converged());
        assertEquals(0, fitted.weights()[0]);
        assertEquals(Math.log(1.0 / 3), fitted.intercept(), SOLVED);
    }

    @Test
    void unitsOfColumnsDoNotMatter() {
        Case data = new Case(9);
        double[][] other = Arrays.stream(data.rows)
                .map(row -> new double[] {1e6 * row[0] + 3, -1e-5 * row[1], row[2] - 1000})
                .toArray(double[][]::new);
        LogisticRegression fitted = LogisticRegression.fit(data.rows, data.positive, 1);
        LogisticRegression inOtherUnits = LogisticRegression.fit(other, data.positive, 1);
        for (int i = 0; i < other.length; i++) {
            assertEquals(fitted.logOdds(data.rows[i]), inOtherUnits.logOdds(other[i]), 1e-9);
        }
    }

    @Test
    void separatedClassesConvergeWithRidgeOnly() {
        double[][] rows = {{1}, {2}, {3}, {4}};
        boolean[] positive = {false, false, true, true};
        assertFalse(LogisticRegression.fit(rows, positive, 0).converged());
        assertTrue(LogisticRegression.fit(rows, positive, 1e-6).converged());
    }

    @Test
    void badInputIsRefused() {
        double[][] rows = {{1}, {2}};
        boolean[] both = {true, false};
        refused(
                "needs both classes, got 2 positive of 2",
                () -> LogisticRegression.fit(rows, new boolean[] {true, true}, 1));
        refused("each row needs a class", () -> LogisticRegression.fit(rows, new boolean[3], 1));
        refused("ridge must be >= 0", () -> LogisticRegression.fit(rows, both, -1));
        refused("must be finite, got NaN", () -> LogisticRegression.fit(new double[][] {{Double.NaN}, {0}}, both, 1));
        refused(
                "must have 1 columns, got 2",
                () -> LogisticRegression.fit(rows, both, 1).logOdds(new double[2]));
    }

    private static double[] withIntercept(LogisticRegression fitted) {
        double[] weights = new double[fitted.weights().length + 1];
        weights[0] = fitted.intercept();
        System.arraycopy(fitted.weights(), 0, weights, 1, weights.length - 1);
        return weights;
    }

    private static double norm(double[] a) {
        return Math.sqrt(Arrays.stream(a).map(x -> x * x).sum());
    }

    /** 80 rows, three related columns, classes by a noisy rule. */
    private static final class Case {

        private final double[][] rows = new double[80][3];
        private final boolean[] positive = new boolean[80];
        private final double[][] standard = new double[80][4];

        private Case(long seed) {
            SplittableRandom random = new SplittableRandom(seed);
            for (int i = 0; i < rows.length; i++) {
                rows[i][0] = random.nextGaussian();
                rows[i][1] = 5 + 0.1 * (rows[i][0] + random.nextGaussian());
                rows[i][2] = random.nextInt(4);
                positive[i] = rows[i][0] - rows[i][2] + 2 * random.nextGaussian() > -1;
                standard[i][0] = 1;
            }
            for (int j = 0; j < 3; j++) {
                int column = j;
                double[] values =
                        Arrays.stream(rows).mapToDouble(row -> row[column]).toArray();
                double mean = Arrays.stream(values).average().orElseThrow();
                double scale = Math.sqrt(AucTest.variance(values) * 79 / 80);
                for (int i = 0; i < rows.length; i++) {
                    standard[i][j + 1] = (values[i] - mean) / scale;
                }
            }
        }

        private double[] gradient(double[] weights, double ridge) {
            double[] gradient = new double[weights.length];
            for (int j = 1; j < weights.length; j++) {
                gradient[j] = ridge * weights[j];
            }
            for (int i = 0; i < standard.length; i++) {
                double z = 0;
                for (int j = 0; j < weights.length; j++) {
                    z += weights[j] * standard[i][j];
                }
                for (int j = 0; j < weights.length; j++) {
                    gradient[j] += (1 / (1 + Math.exp(-z)) - (positive[i] ? 1 : 0)) * standard[i][j];
                }
            }
            return gradient;
        }
    }
}
