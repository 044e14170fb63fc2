/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import org.amend4j.environment.FiniteMdp;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Matrices;

/**
 * The values of one policy on a finite process that is cut off after H steps, t = 0..H-1, by Bellman's recursion
 * V_k = Σ_a π(a|s)Q_k, Q_k = r + γPV_{k-1}, V_0 = 0. Nothing is bootstrapped at the cut-off: no reward follows it.
 */
public final class TruncatedValues implements PolicyReturn {

    private final FiniteProcess process;
    private final double[][] policy;
    private final double gamma;
    private final double[][] values;
    private final double[][] weights;

    TruncatedValues(FiniteProcess process, double[][] policy, double gamma, int horizon) {
        this.process = process;
        this.policy = policy;
        this.gamma = gamma;
        values = new double[horizon + 1][];
        values[0] = new double[process.states()];
        for (int k = 1; k <= horizon; k++) {
            values[k] = process.average(policy, actionValues(k));
        }
        weights = new double[horizon][];
        weights[0] = process.start();
        for (int t = 1; t < horizon; t++) {
            weights[t] = after(weights[t - 1]);
        }
    }

    /**
     * Computes the values of any policy.
     *
     * @param policy π(a|s), [state][action], rows summing to 1; only read
     * @param gamma γ, in (0, 1]
     * @param horizon H, at least 1
     * @throws IllegalArgumentException if an argument is out of its range
     */
    public static TruncatedValues of(FiniteMdp mdp, double[][] policy, double gamma, int horizon) {
        FiniteProcess process = new FiniteProcess(mdp);
        return new TruncatedValues(
                process,
                process.requirePolicy(policy),
                OptimalValues.requireDiscount(gamma),
                Checks.atLeast(1, "horizon", horizon));
    }

    /** Q_k, [pair]. */
    private double[] actionValues(int k) {
        double[] q = new double[process.rewards().length];
        process.backUp(gamma, values[k - 1], q);
        return q;
    }

    /** γ^{t+1}·P(s_{t+1} = s) from γ^t·P(s_t = s). */
    private double[] after(double[] weight) {
        double[] result = new double[weight.length];
        for (int state = 0; state < weight.length; state++) {
            for (int action = 0; action < process.actions(); action++) {
                process.spread(
                        gamma * weight[state] * policy[state][action], state * process.actions() + action, result);
            }
        }
        return result;
    }

    private int horizon() {
        return weights.length;
    }

    @Override
    public double[] visits() {
        double[] sum = new double[process.states()];
        for (double[] weight : weights) {
            Matrices.add(1, weight, sum);
        }
        return sum;
    }

    /** {@code J_H = E Σ_{t<H} γ^t r_t}. */
    @Override
    public double expectedReturn() {
        return Matrices.dot(process.start(), values[horizon()]);
    }

    /** V_k, [state], a copy: what k steps earn. */
    public double[] values(int steps) {
        return values[Checks.inRange(0, horizon(), "steps", steps)].clone();
    }

    /** {@code ∇J_H = Σ_{t<H} γ^t Σ_s P(s_t = s) Σ_b π'(b|s) Q_{H-t}(s,b)}. */
    @Override
    public double[] logitGradient(Aliasing aliasing) {
        SoftmaxTerms terms = new SoftmaxTerms(process, aliasing, policy, gamma);
        double[] gradient = terms.zero();
        for (int k = 1; k <= horizon(); k++) {
            terms.addGradient(weights[horizon() - k], advantages(k), gradient);
        }
        return gradient;
    }

    @Override
    public double[][] logitHessian(Aliasing aliasing) {
        SoftmaxTerms terms = new SoftmaxTerms(process, aliasing, policy, gamma);
        int logits = terms.zero().length;
        double[][] half = new double[logits][logits];
        double[][] slopes = new double[process.states()][logits];
        for (int k = 1; k <= horizon(); k++) {
            double[] advantages = advantages(k);
            terms.addHalfHessian(weights[horizon() - k], advantages, slopes, half);
            slopes = terms.slopes(advantages, slopes);
        }
        return SoftmaxTerms.symmetricSum(half);
    }

    private double[] advantages(int k) {
        return SoftmaxTerms.advantages(process, policy, actionValues(k));
    }
}
