/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.environment.CliffWalking;
import org.amend4j.environment.FiniteMdp;
import org.amend4j.environment.FrozenLake;
import org.amend4j.environment.Golden;
import org.amend4j.environment.Taxi;
import org.amend4j.numeric.Matrices;
import org.amend4j.numeric.SymmetricSpectrum;
import org.amend4j.testkit.GoldenJson;
import org.amend4j.testkit.OneIn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Values of the grid worlds, from our tables, against values computed from Gymnasium's; 1e-9, and 1e-8 for γ = 1. */
class ToyTextOracleTest {

    record Case(String name, FiniteMdp mdp, int timeLimit) {

        JsonNode perGamma() {
            return GoldenJson.read(Golden.class, "tabular_env_values.json")
                    .get("environments")
                    .get(name)
                    .get("per_gamma");
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case(
                        "frozenlake_4x4_slippery",
                        FrozenLake.lake(FrozenLake.Rules.SLIPPERY, FrozenLake.MAP_4X4),
                        FrozenLake.STEPS_4X4),
                new Case(
                        "frozenlake_4x4_dry",
                        FrozenLake.lake(FrozenLake.Rules.DRY, FrozenLake.MAP_4X4),
                        FrozenLake.STEPS_4X4),
                new Case(
                        "frozenlake_8x8_slippery",
                        FrozenLake.lake(FrozenLake.Rules.SLIPPERY, FrozenLake.MAP_8X8),
                        FrozenLake.STEPS_8X8),
                new Case("cliffwalking_v1", CliffWalking.grid(false), 0),
                new Case("cliffwalking_slippery_v1", CliffWalking.grid(true), 0),
                new Case("taxi_v4", Taxi.town(), Taxi.STEPS));
    }

    /** At γ = 1 within 4,000 steps: the comparison itself shows that what may come later is too little to matter. */
    @ParameterizedTest
    @MethodSource("cases")
    void bestValuesAreTheReferences(Case golden) {
        assertEquals(4, golden.perGamma().size());
        for (JsonNode reference : golden.perGamma()) {
            double gamma = reference.get("gamma").doubleValue();
            double relative = gamma < 1 ? 1e-9 : 1e-8;
            OptimalValues best =
                    gamma < 1 ? OptimalValues.of(golden.mdp(), gamma) : OptimalValues.within(golden.mdp(), gamma, 4000);
            Close.toNumber(reference.get("V_star_rho"), best.expectedReturn(), relative);
            if (golden.timeLimit() > 0) {
                OptimalValues limited = OptimalValues.within(golden.mdp(), gamma, golden.timeLimit());
                Close.toNumber(reference.get("V_star_rho_within_time_limit"), limited.expectedReturn(), relative);
            }
            if (reference.has("V_star")) {
                double[] expected = GoldenJson.numbers(reference.get("V_star"));
                for (int state = 0; state < expected.length; state++) {
                    // the reference gives the value 0 to terminal states, whose rows are never used
                    if (expected[state] != 0) {
                        Close.to(expected[state], best.values()[state], relative);
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void valuesAndGradientsOfTheUniformPolicyAreTheReferences(Case golden) {
        for (JsonNode reference : golden.perGamma()) {
            double gamma = reference.get("gamma").doubleValue();
            if (gamma < 1) {
                ExactReturn returns = table(golden.mdp(), gamma);
                double[] zero = new double[returns.dimension()];
                PolicyValues values = returns.values(zero);
                Close.toNumber(reference.get("V_uniform_rho"), values.expectedReturn(), 1e-9);
                Close.toNumber(
                        reference.get("expected_discounted_steps_uniform"),
                        Arrays.stream(values.visits()).sum(),
                        1e-9);
                double[] gradient = returns.returnGradient(zero);
                Close.toNumber(reference.get("grad_norm_at_uniform"), Close.norm(gradient), 1e-9);
                if (reference.has("grad_at_uniform")) {
                    Close.to(Close.flat(GoldenJson.matrix(reference.get("grad_at_uniform"))), gradient, 1e-9);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    @OneIn(3)
    void extremeCurvaturesOfTheUniformPolicyAreTheReferences(Case golden) {
        for (JsonNode reference : golden.perGamma()) {
            if (reference.has("hessian_at_uniform")) {
                ExactReturn returns = table(golden.mdp(), reference.get("gamma").doubleValue());
                SymmetricSpectrum spectrum = returns.returnSpectrum(new double[returns.dimension()]);
                JsonNode expected = reference.get("hessian_at_uniform");
                Close.toNumber(expected.get("lambda_max"), spectrum.largest(), 1e-9);
                Close.toNumber(expected.get("lambda_min"), spectrum.smallest(), 1e-9);
            }
        }
    }

    /** 3,000 logits: only differences of gradients check such a Hessian. d²J·v for one v, steps of 1e-3, |∂⁵J| below 1e7. */
    @Test
    void taxisHessianIsTheDifferenceOfItsGradients() {
        ExactReturn returns = table(Taxi.town(), 0.9);
        double[] theta = RandomProcess.normals(new Random(7), returns.dimension());
        double[] v = RandomProcess.normals(new Random(8), theta.length);
        double length = Close.norm(v);
        double[] product = new double[theta.length];
        returns.returnCurvature(theta).apply(v, product);
        double[] expected = Differences.of(
                h -> {
                    double[] moved = theta.clone();
                    Matrices.add(h / length, v, moved);
                    return returns.returnGradient(moved);
                },
                1e-3);
        for (int i = 0; i < product.length; i++) {
            assertEquals(expected[i], product[i] / length, 1e-9);
        }
    }

    private static ExactReturn table(FiniteMdp mdp, double gamma) {
        return ExactReturn.of(mdp.environment(), new LogitMap.Table(mdp.states(), mdp.actions()), gamma);
    }
}
