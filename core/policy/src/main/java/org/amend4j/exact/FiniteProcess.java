/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.amend4j.environment.FiniteMdp;
import org.amend4j.environment.Transition;
import org.amend4j.numeric.Matrices;

/**
 * The tables of a finite process as numbers to compute with: expected rewards, and the probabilities of going on. What
 * terminates is left out of the latter, which is the same as an absorbing state without rewards. Pairs of state and action
 * have the index state·actions + action.
 */
final class FiniteProcess {

    private final int states;
    private final int actions;
    private final double[] start;
    private final double[] rewards;
    private final double[] ends;
    private final int[][] next;
    private final double[][] probabilities;

    FiniteProcess(FiniteMdp mdp) {
        states = mdp.states();
        actions = mdp.actions();
        start = mdp.start();
        rewards = new double[states * actions];
        ends = new double[states * actions];
        next = new int[states * actions][];
        probabilities = new double[states * actions][];
        for (int state = 0; state < states; state++) {
            for (int action = 0; action < actions; action++) {
                read(mdp, state, action);
            }
        }
    }

    private void read(FiniteMdp mdp, int state, int action) {
        int pair = state * actions + action;
        Map<Integer, Double> merged = new TreeMap<>();
        for (Transition outcome : mdp.outcomes(state, action)) {
            rewards[pair] += outcome.probability() * outcome.reward();
            if (outcome.terminated()) {
                ends[pair] += outcome.probability();
            } else {
                merged.merge(outcome.next(), outcome.probability(), Double::sum);
            }
        }
        next[pair] = merged.keySet().stream().mapToInt(i -> i).toArray();
        probabilities[pair] = merged.values().stream().mapToDouble(p -> p).toArray();
    }

    int states() {
        return states;
    }

    int actions() {
        return actions;
    }

    /** [state], not to be changed. */
    double[] start() {
        return start;
    }

    /** r(s,a), [pair], not to be changed. */
    double[] rewards() {
        return rewards;
    }

    /** Probability that the episode ends with the pair, [pair], not to be changed. */
    double[] ends() {
        return ends;
    }

    /** Q = r + γPV: overwrites q, [pair], from values of states. */
    void backUp(double gamma, double[] values, double[] q) {
        for (int pair = 0; pair < q.length; pair++) {
            double sum = 0;
            for (int k = 0; k < next[pair].length; k++) {
                sum += probabilities[pair][k] * values[next[pair][k]];
            }
            q[pair] = rewards[pair] + gamma * sum;
        }
    }

    /** Overwrites {@code into} with factor·Σ_{s'} P(s'|pair)·rows[s']. */
    void expect(double factor, int pair, double[][] rows, double[] into) {
        Arrays.fill(into, 0);
        for (int k = 0; k < next[pair].length; k++) {
            Matrices.add(factor * probabilities[pair][k], rows[next[pair][k]], into);
        }
    }

    /** Adds factor·P(s'|pair) to {@code into}, [state]. */
    void spread(double factor, int pair, double[] into) {
        for (int k = 0; k < next[pair].length; k++) {
            into[next[pair][k]] += factor * probabilities[pair][k];
        }
    }

    /** P_π, [state][state], rows summing to the probability of going on. */
    double[][] transition(double[][] policy) {
        double[][] result = new double[states][states];
        for (int state = 0; state < states; state++) {
            for (int action = 0; action < actions; action++) {
                spread(policy[state][action], state * actions + action, result[state]);
            }
        }
        return result;
    }

    /** Σ_a π(a|s)·x(s,a), [state]. */
    double[] average(double[][] policy, double[] x) {
        double[] result = new double[states];
        for (int state = 0; state < states; state++) {
            for (int action = 0; action < actions; action++) {
                result[state] += policy[state][action] * x[state * actions + action];
            }
        }
        return result;
    }

    /** Checks a policy, [state][action], at the door; returns a copy. */
    double[][] requirePolicy(double[][] policy) {
        if (policy.length != states) {
            throw new IllegalArgumentException(
                    "policy must have a row per state, " + states + ", got " + policy.length);
        }
        for (int state = 0; state < states; state++) {
            requireDistribution(policy[state], state);
        }
        return Matrices.copy(policy);
    }

    private void requireDistribution(double[] row, int state) {
        double sum = 0;
        boolean allowed = row.length == actions;
        for (double probability : row) {
            allowed &= probability >= 0;
            sum += probability;
        }
        if (!allowed || !(Math.abs(sum - 1) <= 1e-12)) {
            throw new IllegalArgumentException("policy must have " + actions
                    + " probabilities a row, summing to 1, got " + row.length + " summing to " + sum + " (state "
                    + state
                    + ")");
        }
    }
}
