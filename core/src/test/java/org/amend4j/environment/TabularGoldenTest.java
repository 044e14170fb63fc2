package org.amend4j.environment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tables against Gymnasium's, and values computed from ours against values computed from Gymnasium's. */
class TabularGoldenTest {

    record Case(String name, FiniteMdp mdp, int timeLimit) {

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case("frozenlake_4x4_slippery", FrozenLake.lake4x4(true), FrozenLake.STEPS_4X4),
                new Case("frozenlake_4x4_dry", FrozenLake.lake4x4(false), FrozenLake.STEPS_4X4),
                new Case("frozenlake_8x8_slippery", FrozenLake.lake8x8(true), FrozenLake.STEPS_8X8),
                new Case("cliffwalking_v1", CliffWalking.grid(false), 0),
                new Case("cliffwalking_slippery_v1", CliffWalking.grid(true), 0),
                new Case("taxi_v4", Taxi.town(), Taxi.STEPS));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyOutcomeOfEveryStateIsGymnasiums(Case golden) {
        List<Golden.Row> rows = Golden.csv(golden.name() + ".csv");
        int outcomes = 0;
        for (int state = 0; state < golden.mdp().states(); state++) {
            for (int action = 0; action < golden.mdp().actions(); action++) {
                outcomes += golden.mdp().outcomes(state, action).size();
            }
        }
        assertEquals(rows.size(), outcomes);
        for (Golden.Row row : rows) {
            Outcome ours = golden.mdp()
                    .outcomes(row.index("state"), row.index("action"))
                    .get(row.index("outcome"));
            assertEquals(row.number("prob"), ours.probability(), 1e-15);
            assertEquals(
                    new Outcome(
                            ours.probability(), row.index("next_state"), row.number("reward"), row.flag("terminated")),
                    ours,
                    row::toString);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void firstStatesAreGymnasiums(Case golden) {
        JsonNode law = Golden.json("tabular_env_values.json")
                .get("initial_distributions")
                .get(golden.name());
        double[] expected = new double[golden.mdp().states()];
        for (JsonNode state : law.get("support")) {
            expected[state.intValue()] = law.get("prob_each").doubleValue();
        }
        assertArrayEquals(expected, golden.mdp().start(), 1e-15);
    }

    /**
     * Bellman's recursion with 4,000 steps to go: 0.99^4000 = 3e-18; at γ = 1 an optimal policy is then at the goal but for
     * a chance that the comparison itself shows to be too small to matter.
     */
    @ParameterizedTest
    @MethodSource("cases")
    void valuesOfTheTableAreTheReference(Case golden) {
        JsonNode perGamma = Golden.json("tabular_env_values.json")
                .get("environments")
                .get(golden.name())
                .get("per_gamma");
        assertEquals(4, perGamma.size());
        for (JsonNode reference : perGamma) {
            double gamma = reference.get("gamma").doubleValue();
            double relative = gamma < 1 ? 1e-9 : 1e-8;
            compare(reference.get("V_star_rho"), optimal(golden.mdp(), gamma, 4000), relative);
            if (golden.timeLimit() > 0) {
                compare(
                        reference.get("V_star_rho_within_time_limit"),
                        optimal(golden.mdp(), gamma, golden.timeLimit()),
                        relative);
            }
            if (gamma < 1) {
                double uniform = 1.0 / golden.mdp().actions();
                compare(
                        reference.get("V_uniform_rho"),
                        MdpValues.of(golden.mdp(), (state, action) -> uniform, gamma, 4000),
                        relative);
            }
        }
    }

    private static double optimal(FiniteMdp mdp, double gamma, int steps) {
        return MdpValues.optimal(mdp, gamma, steps);
    }

    private static void compare(JsonNode reference, double ours, double relative) {
        double expected = reference.doubleValue();
        assertEquals(expected, ours, relative * Math.max(1, Math.abs(expected)));
    }

    @Test
    void taxisMasksAreGymnasiums() {
        List<Golden.Row> rows = Golden.csv("taxi_v4_action_mask.csv");
        assertEquals(500, rows.size());
        for (Golden.Row row : rows) {
            boolean[] expected = new boolean[6];
            for (int action = 0; action < 6; action++) {
                expected[action] = row.flag("m" + action);
            }
            assertArrayEquals(expected, Taxi.actionMask(row.index("state")), row::toString);
        }
    }

    /** J_H by the recursion is exact, so only rounding is left. */
    @Test
    void theXorProcessHasTheReturnOfTheFormulaAtEveryHorizon() {
        FiniteMdp xor = XorMdp.plain().mdp();
        int compared = 0;
        for (JsonNode oracle : Golden.json("xor_mdp.json").get("cases")) {
            double gamma = oracle.get("gamma").doubleValue();
            for (JsonNode point : oracle.get("points")) {
                MdpValues.Policy policy = aliased(Golden.numbers(point.get("theta")));
                for (JsonNode truncated : point.get("truncated")) {
                    int horizon = truncated.get("H").intValue();
                    assertEquals(truncated.get("J_H").doubleValue(), MdpValues.of(xor, policy, gamma, horizon), 1e-12);
                    compared++;
                }
                compare(point.get("J"), MdpValues.of(xor, policy, gamma, 4000), 1e-12);
            }
        }
        assertEquals(3 * 4 * 6, compared);
    }

    @Test
    void theLazyXorProcessHasTheReturnOfTheFormula() {
        for (JsonNode oracle : Golden.json("xor_mdp.json").get("lazy")) {
            FiniteMdp lazy = XorMdp.lazy(oracle.get("epsilon").doubleValue()).mdp();
            MdpValues.Policy policy = aliased(Golden.numbers(oracle.get("theta")));
            double gamma = oracle.get("gamma").doubleValue();
            assertEquals(oracle.get("J").doubleValue(), MdpValues.of(lazy, policy, gamma, 4000), 1e-12);
        }
    }

    private static MdpValues.Policy aliased(double[] theta) {
        return (state, action) -> {
            double one = 1 / (1 + StrictMath.exp(-theta[state == 0 ? 0 : 1]));
            return action == 1 ? one : 1 - one;
        };
    }
}
