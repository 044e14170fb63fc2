/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.amend4j.descent.Stationarity.Verdict;
import org.amend4j.numeric.Eigenpair;
import org.amend4j.numeric.ExtremeEigenvalues;
import org.amend4j.numeric.Lanczos;
import org.amend4j.objective.Objective;
import org.amend4j.objective.Precision;
import org.junit.jupiter.api.Test;

class StationarityTest {

    private static final Lanczos LANCZOS = new Lanczos(30, 1e-8, 1);

    private static Stationarity at(Objective objective, double... theta) {
        return Stationarity.at(objective, theta, LANCZOS, 1e-6, 1e-3);
    }

    /** {@code ½x² - ½y² + ¼y⁴}: a saddle at 0 with eigenvalues ±1, minima at y = ±1 with eigenvalues 1 and 2. */
    @Test
    void a_saddle_and_a_minimum_are_told_apart() {
        Stationarity saddle = at(new DoubleWell(), 0, 0);
        assertEquals(Verdict.STRICT_SADDLE, saddle.verdict());
        assertEquals(-1, saddle.curvature().smallest().value(), saddle.margin() + 1e-10);
        assertEquals(1, saddle.curvature().largest().value(), saddle.margin() + 1e-10);
        assertEquals(1, Math.abs(saddle.curvature().smallest().vector()[1]), 1e-8, "the way down");
        Stationarity minimum = at(new DoubleWell(), 0, -1);
        assertEquals(Verdict.SECOND_ORDER_CONSISTENT, minimum.verdict());
        assertEquals(1, minimum.curvature().smallest().value(), 1e-8);
        assertEquals(2, minimum.curvature().largest().value(), 1e-8);
        assertTrue(minimum.margin() < 1e-8, "margin " + minimum.margin());
    }

    @Test
    void where_the_gradient_is_not_small_nothing_is_a_saddle_or_consistent() {
        assertEquals(Verdict.NEGATIVE_CURVATURE, at(new DoubleWell(), 0.5, 0.1).verdict());
        assertEquals(Verdict.INCONCLUSIVE, at(new DoubleWell(), 0.5, 1).verdict());
        assertEquals(0.5, at(new DoubleWell(), 0.5, 1).gradientNorm(), 1e-15);
    }

    /**
     * {@code ½‖AB - M‖²} at A = B = 0, where LoRA without its random A would start: the quadratic form is
     * {@code -2⟨dA·dB, M⟩}, so the ends of the spectrum are ∓σ₁(M); for M = diag(3, 2), ∓3.
     */
    @Test
    void the_origin_of_a_factorisation_is_a_strict_saddle() {
        Stationarity origin = at(new Factorisation(), new double[8]);
        assertEquals(Verdict.STRICT_SADDLE, origin.verdict());
        assertEquals(-3, origin.curvature().smallest().value(), origin.margin() + 1e-9);
        assertEquals(3, origin.curvature().largest().value(), origin.margin() + 1e-9);
        Stationarity solution = at(new Factorisation(), 3, 0, 0, 2, 1, 0, 0, 1);
        assertEquals(Verdict.SECOND_ORDER_CONSISTENT, solution.verdict(), "its Hessian is singular, not negative");
        assertEquals(0, solution.curvature().smallest().value(), 1e-6);
    }

    /** Between the two strict verdicts lies a band of twice the margin. */
    @Test
    void verdicts_leave_room_for_the_residual_and_the_error() {
        assertEquals(Verdict.STRICT_SADDLE, verdict(-0.3));
        assertEquals(Verdict.INCONCLUSIVE, verdict(-0.2));
        assertEquals(Verdict.INCONCLUSIVE, verdict(-0.1));
        assertEquals(Verdict.INCONCLUSIVE, verdict(0.01));
        assertEquals(Verdict.SECOND_ORDER_CONSISTENT, verdict(0.1));
    }

    /** τ = 0.1, residual 0.1, error 0.05. */
    private static Verdict verdict(double smallest) {
        return stationarity(smallest, 0.05).verdict();
    }

    private static Stationarity stationarity(double smallest, double error) {
        Eigenpair low = new Eigenpair(smallest, new double[] {1, 0}, 0.1);
        Eigenpair high = new Eigenpair(2, new double[] {0, 1}, 0);
        return new Stationarity(1e-7, new ExtremeEigenvalues(low, high, true, 5, 2, 0, 0, 9), error, 1e-6, 0.1);
    }

    @Test
    void words_carry_the_numbers_and_claim_no_proof() {
        String words = at(new DoubleWell(), 0, 0).words();
        assertTrue(words.startsWith("Strict saddle: gradient norm 0"), words);
        assertTrue(words.contains("evidence, not proof"), words);
        assertTrue(words.contains("2 Lanczos steps of seed 1"), words);
        assertFalse(words.contains("\n"));
        assertTrue(stationarity(-0.1, 0).words().startsWith("Inconclusive: "));
    }

    @Test
    void float_objectives_and_bad_tolerances_are_refused() {
        Objective single = new DoubleWell() {
            @Override
            public Precision precision() {
                return Precision.FLOAT;
            }
        };
        refused("computes in DOUBLE, got FLOAT", () -> at(single, 0, 0));
        refused(
                "the gradient tolerance must be >= 0",
                () -> Stationarity.at(new DoubleWell(), new double[2], LANCZOS, -1, 0));
        refused(
                "the curvature tolerance must be >= 0",
                () -> Stationarity.at(new DoubleWell(), new double[2], LANCZOS, 0, Double.NaN));
    }

    private static class DoubleWell implements Objective {
        @Override
        public int dimension() {
            return 2;
        }

        @Override
        public double value(double[] theta) {
            double y = theta[1];
            return theta[0] * theta[0] / 2 - y * y / 2 + y * y * y * y / 4;
        }

        @Override
        public double valueAndGradient(double[] theta, double[] gradient) {
            gradient[0] = theta[0];
            gradient[1] = theta[1] * (theta[1] * theta[1] - 1);
            return value(theta);
        }

        @Override
        public Precision precision() {
            return Precision.DOUBLE;
        }

        @Override
        public String fingerprint() {
            return "double well";
        }
    }

    /** {@code ½‖AB - diag(3, 2)‖²} with A and B [2, 2], row after row. */
    private static final class Factorisation extends DoubleWell {
        @Override
        public int dimension() {
            return 8;
        }

        @Override
        public double value(double[] theta) {
            return valueAndGradient(theta, new double[8]);
        }

        @Override
        public double valueAndGradient(double[] theta, double[] gradient) {
            Arrays.fill(gradient, 0);
            double loss = 0;
            for (int i = 0; i < 2; i++) {
                for (int j = 0; j < 2; j++) {
                    double error = theta[2 * i] * theta[4 + j] + theta[2 * i + 1] * theta[6 + j] - (i == j ? 3 - i : 0);
                    loss += error * error / 2;
                    for (int r = 0; r < 2; r++) {
                        gradient[2 * i + r] += error * theta[4 + 2 * r + j];
                        gradient[4 + 2 * r + j] += error * theta[2 * i + r];
                    }
                }
            }
            return loss;
        }
    }
}
