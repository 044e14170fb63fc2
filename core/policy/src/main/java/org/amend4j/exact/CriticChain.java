/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import org.amend4j.environment.FiniteMdp;
import org.amend4j.numeric.Matrices;

/**
 * The Markov chain of states that a critic learns from under one policy. An episode that ends starts again from the first
 * state's law.
 *
 * <p>Dense: n² doubles.
 */
public final class CriticChain {

    private final double[][] transition;

    private CriticChain(double[][] transition) {
        this.transition = transition;
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
        double[][] transition = process.transition(policy);
        double[] ends = process.average(policy, process.ends());
        for (int i = 0; i < ends.length; i++) {
            Matrices.add(ends[i], process.start(), transition[i]);
        }
        return new CriticChain(transition);
    }

    /** Number of states of the chain. */
    public int size() {
        return transition.length;
    }

    /** Where the chain is next, starts after an end included, [from][to]; rows sum to 1. */
    public double[][] transition() {
        return Matrices.copy(transition);
    }

    /**
     * The greatest common divisor of the lengths of the ways back: 1 for an aperiodic chain, which convergence of its law, and
     * analyses of temporal differences along it, need.
     *
     * @throws IllegalStateException if the chain has several stationary laws: some states cannot be left for others
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
