/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.amend4j.internal.validation.Checks;

/**
 * A Markov decision process with finitely many states, given by its tables: for sampling as an environment, and for computing
 * exact values.
 *
 * <p>Several outcomes of one action may name the same successor. The rows of a state that only terminated outcomes lead to
 * are never used.
 */
public final class FiniteMdp {

    /** Probabilities may miss their sum by rounding only. */
    private static final double SUM_TOLERANCE = 1e-12;

    private final int actions;
    private final List<List<List<Transition>>> outcomes;
    private final double[] start;

    /**
     * @param outcomes [state][action]: what can happen, probabilities summing to 1; as many actions in every state
     * @param start [state]: the distribution of the first state, summing to 1
     */
    public FiniteMdp(List<List<List<Transition>>> outcomes, double[] start) {
        Checks.atLeast(1, "number of states", outcomes.size());
        actions = Checks.atLeast(1, "number of actions", outcomes.get(0).size());
        this.outcomes = outcomes.stream()
                .map(row -> row.stream().map(List::copyOf).toList())
                .toList();
        this.start = start.clone();
        requireDistribution(this.start);
        for (int state = 0; state < states(); state++) {
            requireRow(state);
        }
    }

    private void requireDistribution(double[] weights) {
        if (weights.length != states()) {
            throw new IllegalArgumentException(
                    "start must have a probability per state, " + states() + ", got " + weights.length);
        }
        double sum = 0;
        for (double weight : weights) {
            sum += Checks.notNegative("start probability", weight);
        }
        requireOne(sum, "start");
    }

    private void requireRow(int state) {
        int given = outcomes.get(state).size();
        if (given != actions) {
            throw new IllegalArgumentException(
                    "every state must have " + actions + " actions, got " + given + " (state " + state + ")");
        }
        for (int action = 0; action < actions; action++) {
            double sum = 0;
            String place = "state " + state + ", action " + action;
            for (Transition outcome : outcomes(state, action)) {
                if (outcome.next() >= states()) {
                    throw new IllegalArgumentException(
                            "next must be < " + states() + ", got " + outcome.next() + " (" + place + ")");
                }
                sum += outcome.probability();
            }
            requireOne(sum, place);
        }
    }

    private static void requireOne(double sum, String place) {
        if (!(Math.abs(sum - 1) <= SUM_TOLERANCE)) {
            throw new IllegalArgumentException("probabilities must sum to 1, got " + sum + " (" + place + ")");
        }
    }

    public int states() {
        return outcomes.size();
    }

    public int actions() {
        return actions;
    }

    /** What can happen, in the order given. */
    public List<Transition> outcomes(int state, int action) {
        return outcomes.get(state).get(action);
    }

    /** [state]: the distribution of the first state, a copy. */
    public double[] start() {
        return start.clone();
    }

    /**
     * Mean undiscounted return of uniformly random actions within a number of steps, by the backward recursion; exact but
     * for rounding.
     */
    public double uniformReturn(int steps) {
        double[][] uniform = new double[states()][actions];
        for (double[] row : uniform) {
            Arrays.fill(row, 1.0 / actions);
        }
        return expectedReturn(uniform, steps);
    }

    /**
     * Mean undiscounted return of a policy within a number of steps, by the backward recursion; exact but for rounding.
     *
     * @param policy π(a|s), [state][action]
     */
    public double expectedReturn(double[][] policy, int steps) {
        double[] values = new double[states()];
        for (int left = 1; left <= steps; left++) {
            double[] next = values;
            values = new double[states()];
            for (int state = 0; state < values.length; state++) {
                values[state] = value(state, policy[state], next);
            }
        }
        double sum = 0;
        for (int state = 0; state < values.length; state++) {
            sum += start[state] * values[state];
        }
        return sum;
    }

    private double value(int state, double[] policy, double[] next) {
        double sum = 0;
        for (int action = 0; action < actions; action++) {
            for (Transition outcome : outcomes(state, action)) {
                double after = outcome.terminated() ? 0 : next[outcome.next()];
                sum += policy[action] * outcome.probability() * (outcome.reward() + after);
            }
        }
        return sum;
    }

    /** Samples from this process; the observation is the state. */
    public TabularEnvironment environment() {
        return new TabularEnvironment(this, IntStream.range(0, states()).toArray());
    }
}
