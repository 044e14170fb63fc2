/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import java.util.Arrays;
import org.amend4j.environment.FiniteMdp;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Matrices;

/**
 * The optimal values of a finite process.
 *
 * @param values V*, [state]; owned by the record, not to be changed
 * @param expectedReturn ρᵀV*
 * @param error the most by which values may be too low, rounding aside; 0 within a time limit
 */
@SuppressWarnings("ArrayRecordComponent") // not copied at each access
public record OptimalValues(double[] values, double expectedReturn, double error) {

    /** Gains below this share of the largest value are rounding; ignoring them ends the iteration. */
    private static final double RELATIVE = 1e-13;

    /**
     * Without a time limit, by policy iteration (Howard 1960): the values of a policy by {@link PolicyValues}, then the best
     * action of each state where it gains more than rounding, as long as that raises values. What no action gains more than δ over has V ≥ V* - δ/(1 - γ).
     *
     * @param gamma γ, in (0, 1)
     * @throws IllegalArgumentException if γ is out of its range
     */
    public static OptimalValues of(FiniteMdp mdp, double gamma) {
        Checks.insideUnit("gamma", gamma);
        FiniteProcess process = new FiniteProcess(mdp);
        double[][] policy = new double[process.states()][process.actions()];
        for (double[] row : policy) {
            row[0] = 1;
        }
        double total = Double.NEGATIVE_INFINITY;
        while (true) {
            PolicyValues current = new PolicyValues(process, policy, gamma);
            double[][] q = current.actionValues();
            double negligible = RELATIVE * Math.max(Double.MIN_NORMAL, Matrices.size(q));
            double gain = improve(policy, q, negligible);
            double before = total;
            total = Arrays.stream(current.values()).sum();
            if (gain <= negligible || total <= before) {
                return new OptimalValues(current.values(), current.expectedReturn(), gain / (1 - gamma));
            }
        }
    }

    /** Changes the policy where an action gains more than what is negligible; returns the largest gain. */
    private static double improve(double[][] policy, double[][] q, double negligible) {
        double largest = 0;
        for (int state = 0; state < q.length; state++) {
            int chosen = best(policy[state]);
            int best = best(q[state]);
            double gain = q[state][best] - q[state][chosen];
            largest = Math.max(largest, gain);
            if (gain > negligible) {
                policy[state][chosen] = 0;
                policy[state][best] = 1;
            }
        }
        return largest;
    }

    private static int best(double[] x) {
        int best = 0;
        for (int i = 1; i < x.length; i++) {
            if (x[i] > x[best]) {
                best = i;
            }
        }
        return best;
    }

    /**
     * Within a time limit, by policies that know the time: as many sweeps of Bellman's equation.
     *
     * @param gamma γ, in (0, 1]
     * @param steps at least 1
     * @throws IllegalArgumentException if a number is out of its range
     */
    public static OptimalValues within(FiniteMdp mdp, double gamma, int steps) {
        requireDiscount(gamma);
        Checks.atLeast(1, "steps", steps);
        FiniteProcess process = new FiniteProcess(mdp);
        double[] q = new double[process.rewards().length];
        double[] values = new double[process.states()];
        for (int k = 0; k < steps; k++) {
            process.backUp(gamma, values, q);
            for (int state = 0; state < values.length; state++) {
                values[state] = greatest(q, state * process.actions(), process.actions());
            }
        }
        return new OptimalValues(values, Matrices.dot(process.start(), values), 0);
    }

    private static double greatest(double[] q, int from, int count) {
        double best = q[from];
        for (int i = 1; i < count; i++) {
            best = Math.max(best, q[from + i]);
        }
        return best;
    }

    static double requireDiscount(double gamma) {
        if (!(gamma > 0 && gamma <= 1)) {
            throw new IllegalArgumentException("gamma must be in (0, 1], got " + gamma);
        }
        return gamma;
    }
}
