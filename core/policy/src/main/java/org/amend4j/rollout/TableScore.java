/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.amend4j.environment.TabularEnvironment;
import org.amend4j.policy.Decisions;
import org.amend4j.policy.Policy;

/**
 * The mean return of a frozen policy with drawn actions in an environment with tables: computed, not sampled. The mean of
 * 100 episodes that end with 0 or 1 has a standard error of up to 0.05; this has none.
 */
public final class TableScore {

    private TableScore() {}

    /**
     * Mean undiscounted return, exact but for rounding.
     *
     * @param policy without a memory
     * @param environment its tables, observations and masks; its state changes
     * @param steps after which episodes are cut off
     * @throws IllegalArgumentException if the policy has a memory, or is not for this environment
     */
    public static double expectedReturn(Policy policy, TabularEnvironment environment, int steps) {
        return environment.mdp().expectedReturn(probabilities(policy, environment), steps);
    }

    /**
     * π(a|s), [state][action]; 0 for what is not allowed.
     *
     * @throws IllegalArgumentException as {@link #expectedReturn}
     */
    public static double[][] probabilities(Policy policy, TabularEnvironment environment) {
        if (policy.network().recurrent()) {
            throw new IllegalArgumentException(
                    "a policy's actions must be a function of the observation, got a recurrent network");
        }
        PolicyCompatibility.require(policy, environment.observationSpace(), environment.actionSpace());
        Pairs pairs = new Pairs(environment);
        double[] logarithms = policy.evaluate(pairs.decisions(policy)).logProbabilities();
        double[][] result =
                new double[environment.mdp().states()][environment.mdp().actions()];
        for (int row = 0; row < logarithms.length; row++) {
            result[pairs.states.get(row)][pairs.actions.get(row)] = StrictMath.exp(logarithms[row]);
        }
        return result;
    }

    /** All states with the actions that are allowed there. */
    private static final class Pairs {

        private final TabularEnvironment environment;
        private final List<Integer> states = new ArrayList<>();
        private final List<Integer> actions = new ArrayList<>();
        private final List<boolean[]> masks = new ArrayList<>();

        Pairs(TabularEnvironment environment) {
            this.environment = environment;
            for (int state = 0; state < environment.mdp().states(); state++) {
                environment.resetTo(state, 0);
                boolean[] mask = environment.allowedActions();
                for (int action = 0; action < environment.mdp().actions(); action++) {
                    if (mask.length == 0 || mask[action]) {
                        states.add(state);
                        actions.add(action);
                        masks.add(mask);
                    }
                }
            }
        }

        Decisions decisions(Policy policy) {
            int rows = states.size();
            int inputs = policy.encoder().size();
            int flags = masks.get(0).length;
            double[] encoded = new double[rows * inputs];
            boolean[] allowed = new boolean[rows * flags];
            for (int row = 0; row < rows; row++) {
                double[] seen = {environment.observation(states.get(row))};
                policy.encoder().encode(seen, encoded, row * inputs);
                System.arraycopy(masks.get(row), 0, allowed, row * flags, flags);
            }
            int[] lengths = new int[rows];
            Arrays.fill(lengths, 1);
            double[] chosen = actions.stream().mapToDouble(action -> action).toArray();
            return new Decisions(rows, encoded, chosen, allowed, lengths);
        }
    }
}
