/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Random;
import java.util.stream.IntStream;
import org.amend4j.environment.Golden;
import org.amend4j.environment.LinearQuadratic;
import org.amend4j.numeric.Matrices;
import org.amend4j.numeric.SymmetricSpectrum;
import org.amend4j.testkit.GoldenJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Costs of linear policies against the reference, 1e-9, and against their own differences. */
class LinearQuadraticOracleTest {

    private static final double TOLERANCE = 1e-9;
    private static final JsonNode ORACLE = GoldenJson.read(Golden.class, "lqr.json");

    static IntStream seeds() {
        return IntStream.range(0, 50);
    }

    private static double[][] matrix(String name) {
        return GoldenJson.matrix(ORACLE.get(name));
    }

    private static double[][] root(double[][] diagonal) {
        return new double[][] {{Math.sqrt(diagonal[0][0]), 0}, {0, Math.sqrt(diagonal[1][1])}};
    }

    private static LinearQuadraticOracle reference() {
        LinearQuadratic.Problem problem = new LinearQuadratic.Problem(
                matrix("A"), matrix("B"), matrix("Q"), matrix("R"), root(matrix("Sigma0")), root(matrix("W")));
        return new LinearQuadraticOracle(
                problem, ORACLE.get("gamma").doubleValue(), ORACLE.get("sigma2").doubleValue());
    }

    @Test
    void everyGainsCostsAreTheReferences() {
        LinearQuadraticOracle oracle = reference();
        assertEquals(5, ORACLE.get("points").size());
        for (JsonNode point : ORACLE.get("points")) {
            double[][] gain = GoldenJson.matrix(point.get("K"));
            LinearQuadraticOracle.Evaluation at = oracle.at(gain);
            Close.toNumber(point.get("C"), at.cost(), TOLERANCE);
            Close.toMatrix(point.get("gradient_C"), at.gradient(), TOLERANCE);
            Close.toMatrix(point.get("P_K"), at.costToGo(), TOLERANCE);
            Close.toMatrix(point.get("Sigma_K"), at.visits(), TOLERANCE);
            Close.toNumber(point.get("dC_dsigma2"), at.costOfVariance(), TOLERANCE);
            Close.toNumber(point.get("discounted_radius"), oracle.discountedRadius(gain), TOLERANCE);
            Close.toNumbers(
                    point.get("hessian_C_eigenvalues_fd"),
                    SymmetricSpectrum.of(oracle.hessian(gain)).values(),
                    1e-5);
            assertEquals(5, point.get("C_truncated").size());
            point.get("C_truncated")
                    .properties()
                    .forEach(entry -> Close.toNumber(
                            entry.getValue(), oracle.truncatedCost(gain, Integer.parseInt(entry.getKey())), TOLERANCE));
        }
    }

    @Test
    void theBestGainIsRiccatis() {
        LinearQuadraticOracle.Evaluation best = reference().optimum();
        Close.toMatrix(ORACLE.get("K_star"), best.gain(), TOLERANCE);
        Close.toMatrix(ORACLE.get("P_star"), best.costToGo(), TOLERANCE);
        Close.toNumber(ORACLE.get("C_star"), best.cost(), TOLERANCE);
        Close.to(new double[1][2], best.gradient(), 1e-12);
    }

    @Test
    void anUnstableGainIsRefusedAndItsTruncatedCostIsNot() {
        LinearQuadraticOracle oracle = reference();
        double[][] wrongWay = {{-2, -2}};
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> oracle.at(wrongWay));
        String rule = "a gain must have sqrt(gamma)·rho(A - BK) < 1, or its cost is infinite, got 1.2";
        assertTrue(refused.getMessage().startsWith(rule), refused::getMessage);
        assertTrue(oracle.truncatedCost(wrongWay, 200) > 1e9);
    }

    @Test
    void aSystemThatNoGainStabilisesIsRefused() {
        double[][] one = {{1}};
        LinearQuadratic.Problem out =
                new LinearQuadratic.Problem(new double[][] {{2}}, new double[][] {{0}}, one, one, one, one);
        LinearQuadraticOracle oracle = new LinearQuadraticOracle(out, 0.95, 0);
        ArithmeticException refused = assertThrows(ArithmeticException.class, oracle::optimum);
        String rule = "the Riccati iteration must settle at a gain of finite cost, got sqrt(gamma)·rho(A - BK) = 1.949";
        assertTrue(refused.getMessage().startsWith(rule), refused::getMessage);
    }

    /** n states, m actions, closed loops scaled to a radius of 0.9; costs positive definite. */
    @SuppressWarnings("ArrayRecordComponent") // test data
    private record Instance(LinearQuadraticOracle oracle, double[][] gain) {

        static Instance random(Random random) {
            int n = 1 + random.nextInt(3);
            int m = 1 + random.nextInt(2);
            double[][] gain = normals(random, m, n);
            double[][] b = normals(random, n, m);
            double[][] loop = normals(random, n, n);
            double size = 0;
            for (double[] row : loop) {
                double sum = 0;
                for (double element : row) {
                    sum += Math.abs(element);
                }
                size = Math.max(size, sum);
            }
            double[][] scaled = Matrices.plus(new double[n][n], 0.9 / size, loop);
            double[][] a = Matrices.plus(scaled, 1, Matrices.multiply(b, gain));
            LinearQuadratic.Problem problem = new LinearQuadratic.Problem(
                    a, b, definite(random, n), definite(random, m), normals(random, n, n), normals(random, n, 1));
            return new Instance(new LinearQuadraticOracle(problem, 0.9, random.nextDouble()), gain);
        }

        private static double[][] definite(Random random, int n) {
            double[][] factor = normals(random, n, n);
            double[][] result =
                    Matrices.plus(Matrices.identity(n), 1, Matrices.multiply(factor, Matrices.transpose(factor)));
            Matrices.symmetriseInPlace(result);
            return result;
        }

        private static double[][] normals(Random random, int rows, int columns) {
            double[][] result = new double[rows][];
            for (int i = 0; i < rows; i++) {
                result[i] = RandomProcess.normals(random, columns);
            }
            return result;
        }

        double[][] moved(int element, double by) {
            double[][] result = Matrices.copy(gain);
            result[element / gain[0].length][element % gain[0].length] += by;
            return result;
        }
    }

    /** Fourth-order differences with steps of 1e-4: their error is about 1e-16/1e-4 of the size and far less of h⁴. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void gradientAndHessianAreTheDifferencesOfCosts(int seed) {
        Instance instance = Instance.random(new Random(seed));
        LinearQuadraticOracle.Evaluation at = instance.oracle().at(instance.gain());
        double[] gradient = Close.flat(at.gradient());
        double[][] hessian = instance.oracle().hessian(instance.gain());
        double scale = Math.max(at.cost(), Matrices.size(hessian));
        for (int i = 0; i < gradient.length; i++) {
            int element = i;
            double[] slopes = Differences.of(
                    h -> new double[] {
                        instance.oracle().at(instance.moved(element, h)).cost()
                    },
                    1e-4);
            assertEquals(slopes[0], gradient[i], 1e-9 * scale);
            double[] bends = Differences.of(
                    h -> Close.flat(
                            instance.oracle().at(instance.moved(element, h)).gradient()),
                    1e-4);
            for (int j = 0; j < bends.length; j++) {
                assertEquals(bends[j], hessian[i][j], 1e-8 * scale);
            }
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void longHorizonsApproachTheCostAndTheBestGainCostsLeast(int seed) {
        Instance instance = Instance.random(new Random(seed));
        LinearQuadraticOracle.Evaluation at = instance.oracle().at(instance.gain());
        Close.to(at.cost(), instance.oracle().truncatedCost(instance.gain(), 400), 1e-9);
        LinearQuadraticOracle.Evaluation best = instance.oracle().optimum();
        assertTrue(best.cost() <= at.cost());
        double scale = Matrices.size(best.costToGo()) * Matrices.size(best.visits());
        assertTrue(Matrices.size(best.gradient()) <= 1e-10 * scale);
    }
}
