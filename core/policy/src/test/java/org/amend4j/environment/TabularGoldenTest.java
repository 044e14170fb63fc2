/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.Stream;
import org.amend4j.testkit.GoldenJson;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tables against Gymnasium's; their values are compared in the oracle's tests. */
class TabularGoldenTest {

    record Case(String name, FiniteMdp mdp) {

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case("frozenlake_4x4_slippery", FrozenLake.lake(FrozenLake.Rules.SLIPPERY, FrozenLake.MAP_4X4)),
                new Case("frozenlake_4x4_dry", FrozenLake.lake(FrozenLake.Rules.DRY, FrozenLake.MAP_4X4)),
                new Case("frozenlake_8x8_slippery", FrozenLake.lake(FrozenLake.Rules.SLIPPERY, FrozenLake.MAP_8X8)),
                new Case("cliffwalking_v1", CliffWalking.grid(false)),
                new Case("cliffwalking_slippery_v1", CliffWalking.grid(true)),
                new Case("taxi_v4", Taxi.town()));
    }

    static Stream<Case> tables() {
        return Stream.concat(
                cases(),
                Stream.of(
                        new Case("taxi_rainy_v4", mdp("Taxi-v4?is_rainy=true")),
                        new Case(
                                "frozenlake_custom",
                                mdp("FrozenLake-v1?desc=FSFHF/FFFFG/HFHFF&success_rate=0.75"
                                        + "&reward_schedule=2,-1,-0.125"))));
    }

    private static FiniteMdp mdp(String id) {
        return Environments.of(id).finite().orElseThrow().get().mdp();
    }

    @ParameterizedTest
    @MethodSource("tables")
    void everyOutcomeOfEveryStateIsGymnasiums(Case golden) {
        List<Golden.Row> rows = Golden.csv(golden.name() + ".csv");
        int outcomes = 0;
        for (int state = 0; state < golden.mdp().states(); state++) {
            for (int action = 0; action < golden.mdp().actions(); action++) {
                outcomes += golden.mdp().outcomes(state, action).size();
            }
        }
        assertEquals(rows.size(), outcomes, "outcomes");
        for (Golden.Row row : rows) {
            Transition ours = golden.mdp()
                    .outcomes(row.index("state"), row.index("action"))
                    .get(row.index("outcome"));
            assertEquals(row.number("prob"), ours.probability(), 1e-15);
            assertEquals(
                    new Transition(
                            ours.probability(), row.index("next_state"), row.number("reward"), row.flag("terminated")),
                    ours,
                    row::toString);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void firstStatesAreGymnasiums(Case golden) {
        JsonNode law = GoldenJson.read(Golden.class, "tabular_env_values.json")
                .get("initial_distributions")
                .get(golden.name());
        double[] expected = new double[golden.mdp().states()];
        for (JsonNode state : law.get("support")) {
            expected[state.intValue()] = law.get("prob_each").doubleValue();
        }
        assertArrayEquals(expected, golden.mdp().start(), 1e-15);
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
}
