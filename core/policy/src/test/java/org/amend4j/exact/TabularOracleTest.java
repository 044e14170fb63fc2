/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.amend4j.environment.FiniteMdp;
import org.amend4j.environment.Golden;
import org.amend4j.environment.Transition;
import org.amend4j.numeric.ExtremeEigenvalues;
import org.amend4j.numeric.Lanczos;
import org.amend4j.numeric.Matrices;
import org.amend4j.numeric.SymmetricOperator;
import org.amend4j.numeric.SymmetricSpectrum;
import org.amend4j.testkit.GoldenJson;
import org.junit.jupiter.api.Test;

/** The reference process of five states: everything to the 1e-10 of its notes. */
class TabularOracleTest {

    private static final double TOLERANCE = 1e-10;
    private static final JsonNode ORACLE = GoldenJson.read(Golden.class, "/org/amend4j/exact/tabular_mdp.json");
    private static final double GAMMA = ORACLE.get("gamma").doubleValue();
    private static final double[] THETA = Close.flat(GoldenJson.matrix(ORACLE.get("theta")));

    private static FiniteMdp mdp() {
        List<List<List<Transition>>> outcomes = new ArrayList<>();
        for (int state = 0; state < 5; state++) {
            List<List<Transition>> row = new ArrayList<>();
            for (int action = 0; action < 3; action++) {
                double[] next = GoldenJson.numbers(ORACLE.get("P").get(state).get(action));
                double reward = ORACLE.get("R").get(state).get(action).doubleValue();
                List<Transition> entries = new ArrayList<>();
                for (int to = 0; to < next.length; to++) {
                    entries.add(new Transition(next[to], to, reward, false));
                }
                row.add(entries);
            }
            outcomes.add(row);
        }
        return new FiniteMdp(outcomes, GoldenJson.numbers(ORACLE.get("rho")));
    }

    private static ExactReturn table() {
        return ExactReturn.of(mdp().environment(), new LogitMap.Table(5, 3), GAMMA);
    }

    @Test
    void valuesAndVisitsAreTheReferences() {
        PolicyValues values = table().values(THETA);
        Close.toMatrix(ORACLE.get("pi"), table().policy(THETA), TOLERANCE);
        Close.toNumber(ORACLE.get("J"), values.expectedReturn(), TOLERANCE);
        Close.toNumbers(ORACLE.get("V"), values.values(), TOLERANCE);
        Close.toMatrix(ORACLE.get("Q"), values.actionValues(), TOLERANCE);
        Close.toNumbers(ORACLE.get("d_unnormalised"), values.visits(), TOLERANCE);
    }

    @Test
    void gradientHessianAndSpectrumAreTheReferences() {
        Close.to(Close.flat(GoldenJson.matrix(ORACLE.get("grad"))), table().returnGradient(THETA), TOLERANCE);
        Close.toMatrix(ORACLE.get("hessian"), table().returnHessian(THETA), TOLERANCE);
        SymmetricSpectrum spectrum = table().returnSpectrum(THETA);
        Close.toNumbers(ORACLE.get("hessian_eigenvalues"), spectrum.values(), 1e-6);
        Close.toNumber(ORACLE.get("lambda_max"), spectrum.largest(), TOLERANCE);
        Close.toNumber(ORACLE.get("lambda_min"), spectrum.smallest(), TOLERANCE);
        double[] top = GoldenJson.numbers(ORACLE.get("top_eigenvector"));
        assertEquals(1, Math.abs(Matrices.dot(top, spectrum.top())), TOLERANCE);
    }

    /** From the reference's start; alphas and betas to 1e-8. */
    @Test
    void lanczosOnTheHessianTakesTheReferencesSteps() {
        SymmetricOperator hessian = table().returnCurvature(THETA);
        double[] q = new double[15];
        for (int i = 0; i < q.length; i++) {
            q[i] = Math.sin(1 + i);
        }
        double[][] basis = new double[11][];
        basis[0] = scaled(1 / Close.norm(q), q);
        assertEquals(10, ORACLE.get("lanczos").get("steps").size());
        for (JsonNode step : ORACLE.get("lanczos").get("steps")) {
            int m = step.get("m").intValue();
            double[] next = new double[15];
            hessian.apply(basis[m - 1], next);
            Close.toNumber(step.get("alpha"), Matrices.dot(basis[m - 1], next), 1e-8);
            for (int pass = 0; pass < 2; pass++) {
                for (int j = 0; j < m; j++) {
                    Matrices.add(-Matrices.dot(basis[j], next), basis[j], next);
                }
            }
            Close.toNumber(step.get("beta_next"), Close.norm(next), 1e-8);
            basis[m] = scaled(1 / Close.norm(next), next);
        }
        ExtremeEigenvalues ends = new Lanczos(15, 0, 1).of(hessian, Lanczos.Ends.BOTH);
        Close.toNumber(ORACLE.get("lambda_max"), ends.largest().value(), TOLERANCE);
        Close.toNumber(ORACLE.get("lambda_min"), ends.smallest().value(), TOLERANCE);
    }

    private static double[] scaled(double factor, double[] x) {
        double[] result = new double[x.length];
        Matrices.add(factor, x, result);
        return result;
    }

    /** A softmax with a free logit per action does not change when a state's logits move together. */
    @Test
    void aTableHasOneFlatDirectionPerState() {
        long flat = Arrays.stream(table().returnSpectrum(THETA).values())
                .filter(value -> Math.abs(value) < 1e-14)
                .count();
        assertEquals(5, flat);
    }

    @Test
    void truncatedReturnsAndGradientsAreTheReferences() {
        assertEquals(7, ORACLE.get("truncated").size());
        double[] full = table().returnGradient(THETA);
        for (JsonNode reference : ORACLE.get("truncated")) {
            ExactReturn truncated = table().truncated(reference.get("H").intValue());
            double[] gradient = truncated.returnGradient(THETA);
            Close.toNumber(reference.get("J_H"), truncated.expectedReturn(THETA), TOLERANCE);
            Close.to(Close.flat(GoldenJson.matrix(reference.get("grad_H"))), gradient, TOLERANCE);
            Matrices.add(-1, full, gradient);
            Close.toNumber(reference.get("bias_norm"), Close.norm(gradient), TOLERANCE);
        }
    }

    /** The reference's difference of Hessians at H = 50 is 2.7e-3, and its bound 3.1 with the reward's bound, not half-range. */
    @Test
    void theHessiansTruncationIsBelowItsBound() {
        ReturnSmoothness smoothness = ReturnSmoothness.of(mdp(), new LogitMap.Table(5, 3), GAMMA);
        double[][] full = table().returnHessian(THETA);
        for (int horizon : new int[] {1, 2, 10, 50, 100, 200}) {
            double[][] cut = table().truncated(horizon).returnHessian(THETA);
            SymmetricSpectrum off = SymmetricSpectrum.of(Matrices.plus(cut, -1, full));
            double norm = Math.max(off.largest(), -off.smallest());
            assertTrue(norm <= smoothness.hessianTruncation(horizon), () -> horizon + ": " + norm);
            if (horizon == 50) {
                assertEquals(2.7e-3, norm, 0.05e-3);
            }
        }
        Close.toNumber(ORACLE.get("reward_half_range"), smoothness.rewardHalfRange(), TOLERANCE);
        Close.to(smoothness.lipschitz(), smoothness.hessianTruncation(0), 1e-12);
    }

    @Test
    void theUniformPolicyIsTheReferences() {
        JsonNode uniform = ORACLE.get("uniform_policy");
        double[] zero = new double[15];
        Close.toNumber(uniform.get("J"), table().expectedReturn(zero), TOLERANCE);
        Close.toNumber(uniform.get("grad_norm"), Close.norm(table().returnGradient(zero)), TOLERANCE);
        SymmetricSpectrum spectrum = table().returnSpectrum(zero);
        Close.toNumber(uniform.get("lambda_max"), spectrum.largest(), TOLERANCE);
        Close.toNumber(uniform.get("lambda_min"), spectrum.smallest(), TOLERANCE);
    }

    @Test
    void bestValuesAreTheReferences() {
        OptimalValues best = OptimalValues.of(mdp(), GAMMA);
        Close.toNumber(ORACLE.get("optimal_J"), best.expectedReturn(), TOLERANCE);
        Close.toNumbers(ORACLE.get("optimal_V"), best.values(), TOLERANCE);
        assertTrue(best.error() < 1e-11);
    }

    @Test
    void anAdapterThatIsZeroIsAtASaddleThatNoSampleLeaves() {
        JsonNode control = ORACLE.get("lora_zero_init_control");
        LogitMap.LowRank adapter = lowRank(control);
        ExactReturn returns = ExactReturn.of(mdp().environment(), adapter, GAMMA);
        double[] zero = new double[control.get("n_parameters").intValue()];
        assertEquals(zero.length, adapter.dimension());
        assertEquals(0, Close.norm(returns.returnGradient(zero)));

        double[] values = returns.returnSpectrum(zero).values();
        Close.toNumber(control.get("lambda_max"), values[values.length - 1], TOLERANCE);
        double[] positive = GoldenJson.numbers(control.get("hessian_positive_eigenvalues"));
        for (int k = 0; k < positive.length; k++) {
            Close.to(positive[k], values[values.length - 1 - k], TOLERANCE);
            Close.to(-positive[k], values[k], TOLERANCE);
        }
    }

    @Test
    void anAdapterWithTheUsualStartHasTheReferencesGradient() {
        JsonNode control = ORACLE.get("lora_zero_init_control");
        JsonNode standard = control.get("standard_init");
        LogitMap.LowRank adapter = lowRank(control);
        double[] a = Close.flat(GoldenJson.matrix(standard.get("A")));
        double[] gradient = ExactReturn.of(mdp().environment(), adapter, GAMMA)
                .returnGradient(Arrays.copyOf(a, adapter.dimension()));
        Close.to(new double[a.length], Arrays.copyOf(gradient, a.length), 0);
        double[] ofB = Arrays.copyOfRange(gradient, a.length, gradient.length);
        Close.to(Close.flat(GoldenJson.matrix(standard.get("grad_B"))), ofB, TOLERANCE);
        Close.toNumber(standard.get("grad_norm"), Close.norm(gradient), TOLERANCE);
    }

    private static LogitMap.LowRank lowRank(JsonNode control) {
        return new LogitMap.LowRank(
                GoldenJson.matrix(ORACLE.get("theta")),
                control.get("scale").doubleValue(),
                control.get("rank").intValue());
    }
}
