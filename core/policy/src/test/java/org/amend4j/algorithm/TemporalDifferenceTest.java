/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.DenseActivation;
import org.amend4j.policy.DenseShape;
import org.amend4j.rollout.OnPolicyTransition;
import org.junit.jupiter.api.Test;

class TemporalDifferenceTest {

    private static final int STATES = 3;

    private static double[] oneHot(int state) {
        double[] input = new double[STATES];
        input[state] = 1;
        return input;
    }

    private static OnPolicyTransition transition(
            int pair, double reward, boolean terminated, boolean truncated, int next) {
        return new OnPolicyTransition(
                oneHot(pair / 2),
                new double[] {pair % 2},
                reward,
                terminated,
                truncated,
                oneHot(next / 2),
                new double[] {next % 2});
    }

    /** 16 steps with 6 projections on the lazy chain; 1e-12 as the references' README says. */
    @Test
    void traceOfTheLazyChainIsTheReference() {
        JsonNode lazy = Processes.golden().get("lazy").get(0);
        JsonNode trace = lazy.get("td0_trace");
        TemporalDifference critic = new TemporalDifference(
                new ActionValue.PerAction(STATES, 2),
                lazy.get("gamma").doubleValue(),
                trace.get("alpha").doubleValue(),
                trace.get("projection_radius").doubleValue(),
                new double[6]);
        for (JsonNode step : trace.get("steps")) {
            double delta = critic.step(transition(
                    step.get("sa").intValue(),
                    step.get("r").doubleValue(),
                    false,
                    false,
                    step.get("next_sa").intValue()));
            assertEquals(step.get("delta").doubleValue(), delta, 1e-12);
            assertArrayEquals(Processes.numbers(step.get("w")), critic.last(), 1e-12);
        }
        assertArrayEquals(Processes.numbers(trace.get("w_bar")), critic.average(), 1e-12);
        assertEquals(trace.get("projections").intValue(), critic.projections());
    }

    @Test
    void valueBeyondATerminationIsZeroAndBeyondATimeLimitIsNot() {
        double[] start = {0, 0, 0, 0, 0, 10};
        TemporalDifference ended =
                new TemporalDifference(new ActionValue.PerAction(STATES, 2), 0.9, 0.5, Double.POSITIVE_INFINITY, start);
        assertEquals(1, ended.step(transition(0, 1, true, true, 5)), 0);
        TemporalDifference cut =
                new TemporalDifference(new ActionValue.PerAction(STATES, 2), 0.9, 0.5, Double.POSITIVE_INFINITY, start);
        assertEquals(1 + 0.9 * 10, cut.step(transition(0, 1, false, true, 5)), 0);
    }

    /** One family three times: as a table, as features, and as a network of one layer whose order is action by action. */
    @Test
    void tableFeaturesAndNetworkOfOneFamilyLearnAlike() {
        ActionValue table = new ActionValue.PerAction(STATES, 2);
        ActionValue features = new ActionValue.Linear("six", 6, (input, action) -> {
            double[] phi = new double[6];
            for (int i = 0; i < STATES; i++) {
                phi[2 * i + (int) action[0]] = input[i];
            }
            return phi;
        });
        ActionValue network = new ActionValue.Network(
                Approximators.zero(List.of(new DenseShape(STATES, 2, false, DenseActivation.IDENTITY))));
        double[] byTable = learned(table);
        assertArrayEquals(byTable, learned(features), 0);
        double[] byNetwork = learned(network);
        for (int state = 0; state < STATES; state++) {
            for (int action = 0; action < 2; action++) {
                assertEquals(byTable[2 * state + action], byNetwork[3 * action + state], 1e-15);
            }
        }
    }

    private static double[] learned(ActionValue critic) {
        TemporalDifference learner = new TemporalDifference(critic, 0.9, 0.3, 0.8, critic.initial());
        int[] pairs = {0, 3, 1, 5, 0, 2, 1, 4, 0, 3};
        for (int i = 0; i + 1 < pairs.length; i++) {
            learner.step(transition(pairs[i], i % 3 - 1, i == 4, false, pairs[i + 1]));
        }
        return learner.last();
    }

    @Test
    void divergenceIsRefused() {
        TemporalDifference critic = new TemporalDifference(
                new ActionValue.PerAction(STATES, 2), 0.9, 1e200, Double.POSITIVE_INFINITY, new double[6]);
        critic.step(transition(0, 1, true, false, 1));
        ArithmeticException refused = assertThrows(ArithmeticException.class, () -> {
            for (int i = 0; i < 10; i++) {
                critic.step(transition(0, 1, true, false, 1));
            }
        });
        assertEquals(
                "temporal differences must be finite, got ",
                refused.getMessage().substring(0, "temporal differences must be finite, got ".length()));
    }
}
