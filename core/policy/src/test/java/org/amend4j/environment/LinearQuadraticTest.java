/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import org.amend4j.random.SplitMix64;
import org.amend4j.testkit.GoldenJson;
import org.junit.jupiter.api.Test;

class LinearQuadraticTest {

    private static final JsonNode ORACLE = GoldenJson.read(Golden.class, "lqr.json");

    /** The reference's instance; its covariances are multiples of the identity. */
    static LinearQuadratic instance() {
        return new LinearQuadratic(new LinearQuadratic.Problem(
                matrix("A"), matrix("B"), matrix("Q"), matrix("R"), root(matrix("Sigma0")), root(matrix("W"))));
    }

    private static double[][] matrix(String name) {
        return GoldenJson.matrix(ORACLE.get(name));
    }

    private static double[][] root(double[][] diagonal) {
        assertEquals(0, diagonal[0][1]);
        return new double[][] {{Math.sqrt(diagonal[0][0]), 0}, {0, Math.sqrt(diagonal[1][1])}};
    }

    @Test
    void withoutNoiseAStepIsTheTwoFormulas() {
        double[][] none = {{0}, {0}};
        LinearQuadratic lqr = new LinearQuadratic(
                new LinearQuadratic.Problem(matrix("A"), matrix("B"), matrix("Q"), matrix("R"), none, none));
        assertArrayEquals(new double[] {0, 0}, lqr.reset(1));
        lqr.resetTo(2, -3);
        StepResult step = lqr.step(4);
        // x + 0.1 v, v + 0.1 u; -(x² + 0.1 v² + 0.1 u²)
        assertArrayEquals(new double[] {1.7, -2.6}, step.observation(), 1e-15);
        assertEquals(-6.5, step.reward(), 1e-14);
    }

    /** 20,000 episodes of 10 steps at each of the five gains; five standard errors. */
    @Test
    void meanCostsAreTheClosedForms() {
        LinearQuadratic lqr = instance();
        assertEquals(5, ORACLE.get("points").size());
        for (JsonNode point : ORACLE.get("points")) {
            assertEquals(0, standardErrorsOff(lqr, point), 5);
        }
    }

    @Test
    void missingNoiseWouldBeNoticed() {
        double[][] none = {{0}, {0}};
        LinearQuadratic quiet = new LinearQuadratic(new LinearQuadratic.Problem(
                matrix("A"), matrix("B"), matrix("Q"), matrix("R"), root(matrix("Sigma0")), none));
        for (JsonNode point : ORACLE.get("points")) {
            assertTrue(standardErrorsOff(quiet, point) < -5);
        }
    }

    private static double standardErrorsOff(LinearQuadratic lqr, JsonNode point) {
        double gamma = ORACLE.get("gamma").doubleValue();
        double sigma = Math.sqrt(ORACLE.get("sigma2").doubleValue());
        double[] gain = GoldenJson.numbers(point.get("K").get(0));
        SplitMix64 noise = new SplitMix64(17);
        int n = 20_000;
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < n; i++) {
            double[] x = lqr.reset(i);
            double cost = 0;
            double weight = 1;
            for (int t = 0; t < 10; t++) {
                StepResult step = lqr.step(-gain[0] * x[0] - gain[1] * x[1] + sigma * noise.nextGaussian());
                cost -= weight * step.reward();
                weight *= gamma;
                x = step.observation();
            }
            sum += cost;
            squares += cost * cost;
        }
        double mean = sum / n;
        double error = Math.sqrt((squares / n - mean * mean) / n);
        return (mean - point.get("C_truncated").get("10").doubleValue()) / error;
    }

    @Test
    void aMatrixOfAnotherShapeIsRefusedByName() {
        double[][] none = {{0}, {0}};
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class,
                () -> new LinearQuadratic.Problem(
                        matrix("A"), new double[][] {{0, 1}}, matrix("Q"), matrix("R"), none, none));
        assertEquals("b must have 2 rows, got 1", refused.getMessage());
    }
}
