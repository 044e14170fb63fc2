/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.environment.Environments;
import org.amend4j.environment.TabularEnvironment;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.Categorical;
import org.amend4j.policy.DenseActivation;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.policy.PolicyGraphs.Mlp;
import org.amend4j.random.SplitMix64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TableScoreTest {

    private static final int EPISODES = 500;

    private static Policy policy(TabularEnvironment environment, long seed, double scale) {
        int inputs = environment.observationSpace().count();
        int actions = environment.actionSpace().count();
        Policy policy = new Policy(
                Approximators.perceptron(Mlp.of(inputs, List.of(), DenseActivation.TANH, actions, true), false, seed),
                new Categorical(actions),
                new ObservationEncoder.OneHot(inputs));
        SplitMix64 random = new SplitMix64(seed);
        double[] theta = new double[policy.dimension()];
        Arrays.setAll(theta, i -> scale * random.nextGaussian());
        policy.setParameters(theta);
        return policy;
    }

    /** Within five standard errors of the mean: an event of 6e-7 each. Taxi has masks. */
    @ParameterizedTest
    @CsvSource({
        "FrozenLake-v1, 1",
        "FrozenLake-v1, 2",
        "FrozenLake-v1, 3",
        "Taxi-v4?limit=20, 4",
        "CliffWalking-v1?limit=30, 5"
    })
    void what_is_computed_is_what_playing_gives_on_average(String id, long seed) {
        EnvironmentSpec spec = Environments.of(id);
        TabularEnvironment tables = spec.finite().orElseThrow().get();
        int limit = spec.timeLimit().orElseThrow();
        Policy policy = policy(tables, seed, 1);
        double exact = TableScore.expectedReturn(policy, tables, limit);
        PolicyScores played = PolicyScores.of(policy, Task.of(spec), EPISODES, false, 1, limit, seed);
        double standardError = played.deviation() / Math.sqrt(EPISODES);
        assertTrue(standardError > 0);
        assertEquals(exact, played.mean(), 5 * standardError);
    }

    @Test
    void equal_logits_are_uniform_actions() {
        EnvironmentSpec spec = Environments.of("FrozenLake-v1");
        TabularEnvironment tables = spec.finite().orElseThrow().get();
        double exact = TableScore.expectedReturn(policy(tables, 1, 0), tables, 100);
        // 100 sums of at most 12 products, all in [0, 1]
        assertEquals(spec.randomReturn().orElseThrow(), exact, 100 * 12 * 0x1p-52);
    }

    @Test
    void what_is_not_allowed_has_probability_0_and_the_rest_sums_to_1() {
        TabularEnvironment taxi =
                Environments.of("Taxi-v4").finite().orElseThrow().get();
        double[][] probabilities = TableScore.probabilities(policy(taxi, 1, 1), taxi);
        double[] sums = new double[probabilities.length];
        for (int state = 0; state < sums.length; state++) {
            taxi.resetTo(state, 0);
            boolean[] allowed = taxi.allowedActions();
            for (int action = 0; action < allowed.length; action++) {
                assertEquals(allowed[action], probabilities[state][action] > 0);
                sums[state] += probabilities[state][action];
            }
        }
        double[] ones = new double[sums.length];
        Arrays.fill(ones, 1);
        assertArrayEquals(ones, sums, 1e-14);
    }
}
