/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.amend4j.environment.FiniteMdp;
import org.amend4j.numeric.Lu;
import org.amend4j.numeric.Matrices;

/**
 * The Markov chain that a critic learns from under one policy: of states, or of pairs of state and action with the index
 * state·actions + action. An episode that ends starts again from the first state's law; a critic does not look beyond the
 * end, so the probabilities of continuing ({@link #continuing}) are kept apart from those of the next state of the chain
 * ({@link #transition}).
 *
 * <p>Dense: n² doubles twice.
 */
public final class CriticChain {

    private final double[][] transition;
    private final double[][] continuing;
    private final double[] rewards;

    private CriticChain(double[][] continuing, double[] ends, double[] restart, double[] rewards) {
        this.continuing = continuing;
        this.rewards = rewards;
        transition = Matrices.copy(continuing);
        for (int i = 0; i < ends.length; i++) {
            Matrices.add(ends[i], restart, transition[i]);
        }
    }

    /**
     * Of states, for a critic of V.
     *
     * @param policy π(a|s), [state][action], rows summing to 1; only read
     * @throws IllegalArgumentException if the policy does not fit
     */
    public static CriticChain ofStates(FiniteMdp mdp, double[][] policy) {
        FiniteProcess process = new FiniteProcess(mdp);
        process.requirePolicy(policy);
        return new CriticChain(
                process.transition(policy),
                process.average(policy, process.ends()),
                process.start(),
                process.average(policy, process.rewards()));
    }

    /**
     * Of pairs of state and action, for a critic of Q.
     *
     * @param policy π(a|s), [state][action], rows summing to 1; only read
     * @throws IllegalArgumentException if the policy does not fit
     */
    public static CriticChain ofPairs(FiniteMdp mdp, double[][] policy) {
        FiniteProcess process = new FiniteProcess(mdp);
        process.requirePolicy(policy);
        double[][] continuing = new double[process.rewards().length][];
        for (int pair = 0; pair < continuing.length; pair++) {
            double[] next = new double[process.states()];
            process.spread(1, pair, next);
            continuing[pair] = withActions(next, policy);
        }
        return new CriticChain(
                continuing,
                process.ends(),
                withActions(process.start(), policy),
                process.rewards().clone());
    }

    private static double[] withActions(double[] states, double[][] policy) {
        int actions = policy[0].length;
        double[] result = new double[states.length * actions];
        for (int pair = 0; pair < result.length; pair++) {
            result[pair] = states[pair / actions] * policy[pair / actions][pair % actions];
        }
        return result;
    }

    /** Number of states of the chain. */
    public int size() {
        return rewards.length;
    }

    /** Where the chain is next, starts after an end included, [from][to]; rows sum to 1. */
    public double[][] transition() {
        return Matrices.copy(transition);
    }

    /** Probabilities of continuing the episode, [from][to]; rows sum to 1 less the probability of the end. */
    public double[][] continuing() {
        return Matrices.copy(continuing);
    }

    /** Expected reward on leaving, [from]. */
    public double[] rewards() {
        return rewards.clone();
    }

    /**
     * The stationary law D, from D(I - P) = 0 with the sum 1: what time averages along the chain converge to, whatever the
     * first state. Zero where the chain does not return to.
     *
     * @throws IllegalStateException if it depends on the first state, that is, if some states cannot be left for others
     */
    public double[] stationary() {
        recurrent();
        int n = size();
        double[][] system = Matrices.transpose(Matrices.plus(Matrices.identity(n), -1, transition));
        Arrays.fill(system[n - 1], 1);
        double[] right = new double[n];
        right[n - 1] = 1;
        return Lu.of(system).solve(right);
    }

    /**
     * The greatest common divisor of the lengths of the ways back: 1 for an aperiodic chain, which convergence of its law, and
     * analyses of temporal differences along it, need.
     *
     * @throws IllegalStateException as {@link #stationary}
     */
    public int period() {
        int[] distance = distances(recurrent(), transition);
        int period = 0;
        for (int i = 0; i < distance.length; i++) {
            for (int j = 0; j < distance.length && distance[i] >= 0; j++) {
                if (transition[i][j] > 0) {
                    period = gcd(period, Math.abs(distance[i] + 1 - distance[j]));
                }
            }
        }
        return period;
    }

    private static int gcd(int a, int b) {
        return b == 0 ? a : gcd(b, a % b);
    }

    /**
     * A state that all others lead to, hence one of the only recurrent class. Backwards searches from states that no earlier
     * one reached: if there is such a state, the last one to search from is one.
     */
    private int recurrent() {
        double[][] backwards = Matrices.transpose(transition);
        boolean[] seen = new boolean[size()];
        int last = 0;
        for (int i = 0; i < size(); i++) {
            if (!seen[i]) {
                last = i;
                int[] distance = distances(i, backwards);
                for (int j = 0; j < seen.length; j++) {
                    seen[j] |= distance[j] >= 0;
                }
            }
        }
        int[] distance = distances(last, backwards);
        for (int j = 0; j < distance.length; j++) {
            if (distance[j] < 0) {
                throw new IllegalStateException("a chain must have one recurrent class to have one stationary law, but "
                        + j + " never leads to " + last);
            }
        }
        return last;
    }

    /** Steps of the shortest ways, -1 where there is none. */
    private static int[] distances(int from, double[][] steps) {
        int[] distance = new int[steps.length];
        Arrays.fill(distance, -1);
        distance[from] = 0;
        Deque<Integer> queue = new ArrayDeque<>();
        queue.add(from);
        while (!queue.isEmpty()) {
            int at = queue.remove();
            for (int j = 0; j < distance.length; j++) {
                if (steps[at][j] > 0 && distance[j] < 0) {
                    distance[j] = distance[at] + 1;
                    queue.add(j);
                }
            }
        }
        return distance;
    }
}
