/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import org.amend4j.environment.FiniteMdp;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Lu;
import org.amend4j.numeric.Matrices;

/**
 * The values of one policy on a finite process, without a horizon, by linear systems. With P the probabilities of going on
 * (a terminated outcome is absorbing and without further rewards), M = (I - γP_π)⁻¹:
 *
 * <pre>
 *   V = M r_π     Q = r + γPV     A = Q - V     d = Mᵀρ     J = ρᵀV
 * </pre>
 *
 * Exact to rounding: errors are about n/(1 - γ) units of it. One LU factorisation, n³/3 operations for n states.
 */
public final class PolicyValues implements PolicyReturn {

    private final FiniteProcess process;
    private final double[][] policy;
    private final double gamma;
    private final Lu system;
    private final double[] values;
    private final double[] actionValues;
    private final double[] advantages;
    private final double[] visits;

    PolicyValues(FiniteProcess process, double[][] policy, double gamma) {
        this.process = process;
        this.policy = policy;
        this.gamma = gamma;
        system = Lu.of(Matrices.plus(Matrices.identity(process.states()), -gamma, process.transition(policy)));
        values = system.solve(process.average(policy, process.rewards()));
        visits = system.solveTransposed(process.start());
        actionValues = new double[process.rewards().length];
        process.backUp(gamma, values, actionValues);
        advantages = SoftmaxTerms.advantages(process, policy, actionValues);
    }

    /**
     * Computes the values of any policy.
     *
     * @param policy π(a|s), [state][action], rows summing to 1; only read
     * @param gamma γ, in (0, 1)
     * @throws IllegalArgumentException if an argument is out of its range
     */
    public static PolicyValues of(FiniteMdp mdp, double[][] policy, double gamma) {
        FiniteProcess process = new FiniteProcess(mdp);
        return new PolicyValues(process, process.requirePolicy(policy), Checks.insideUnit("gamma", gamma));
    }

    /** J = E Σ γ^t r_t. */
    @Override
    public double expectedReturn() {
        return Matrices.dot(process.start(), values);
    }

    /** V, [state], a copy. */
    public double[] values() {
        return values.clone();
    }

    /** Q, [state][action]. */
    public double[][] actionValues() {
        return byState(actionValues);
    }

    /** A = Q - V, [state][action]; taken from the policy's mean of Q, so that its mean under the policy is 0 to rounding. */
    public double[][] advantages() {
        return byState(advantages);
    }

    /** d(s) = Σ_t γ^t P(s_t = s), [state], a copy: not normalised, it sums to 1/(1 - γ) if nothing terminates. */
    @Override
    public double[] visits() {
        return visits.clone();
    }

    private double[][] byState(double[] pairs) {
        double[][] result = new double[process.states()][process.actions()];
        for (int pair = 0; pair < pairs.length; pair++) {
            result[pair / process.actions()][pair % process.actions()] = pairs[pair];
        }
        return result;
    }

    @Override
    public double[] logitGradient(Aliasing aliasing) {
        SoftmaxTerms terms = new SoftmaxTerms(process, aliasing, policy, gamma);
        double[] gradient = terms.zero();
        terms.addGradient(visits, advantages, gradient);
        return gradient;
    }

    /** ∇V(s) = Σ_u M(s,u)·(∇π(·|u)·A(u,·)); the row of M is the solution of a transposed system. */
    @Override
    public double[][] logitHessian(Aliasing aliasing) {
        SoftmaxTerms terms = new SoftmaxTerms(process, aliasing, policy, gamma);
        double[][] slopes = new double[process.states()][];
        for (int state = 0; state < slopes.length; state++) {
            double[] unit = new double[slopes.length];
            unit[state] = 1;
            slopes[state] = terms.zero();
            terms.addGradient(system.solveTransposed(unit), advantages, slopes[state]);
        }
        double[][] half = new double[terms.zero().length][terms.zero().length];
        terms.addHalfHessian(visits, advantages, slopes, half);
        return SoftmaxTerms.symmetricSum(half);
    }
}
