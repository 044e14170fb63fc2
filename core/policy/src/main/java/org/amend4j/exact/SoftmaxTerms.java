/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import org.amend4j.numeric.Matrices;

/**
 * The two sums that derivatives of a return consist of, for a softmax over logits z[o,b] of observations. With weights d of
 * states, values Q_k of k steps to go and their slopes, and π' the derivative of π with respect to the logits:
 *
 * <pre>
 *   gradient   Σ_s d(s) Σ_b π'(b|s) Q(s,b)
 *   Hessian    Σ_s d(s) Σ_b π''(b|s) Q(s,b) + π'(b|s)∇Q(s,b)ᵀ + ∇Q(s,b)π'(b|s)ᵀ
 * </pre>
 *
 * (the policy gradient theorem, Sutton et al. 2000, and what differentiating V = Σ_b πQ twice and unrolling gives). For a
 * softmax Σ_b π'(b|s)X(b) = π(b)·(X(b) - Σ_c π(c)X(c)).
 */
final class SoftmaxTerms {

    private final FiniteProcess process;
    private final Aliasing aliasing;
    private final double[][] policy;
    private final double gamma;
    private final int actions;

    SoftmaxTerms(FiniteProcess process, Aliasing aliasing, double[][] policy, double gamma) {
        this.process = process;
        this.aliasing = aliasing;
        this.policy = policy;
        this.gamma = gamma;
        actions = process.actions();
    }

    /** A vector of logits, all 0. */
    double[] zero() {
        return new double[aliasing.count() * actions];
    }

    /** A = Q - Σ_b πQ, [pair]. */
    static double[] advantages(FiniteProcess process, double[][] policy, double[] actionValues) {
        double[] means = process.average(policy, actionValues);
        double[] result = actionValues.clone();
        for (int pair = 0; pair < result.length; pair++) {
            result[pair] -= means[pair / process.actions()];
        }
        return result;
    }

    /** Adds d(s)·π(b|s)·A(s,b) to the logits of s's observation. */
    void addGradient(double[] weights, double[] advantages, double[] gradient) {
        for (int state = 0; state < weights.length; state++) {
            int at = aliasing.of()[state] * actions;
            for (int b = 0; b < actions; b++) {
                gradient[at + b] += weights[state] * policy[state][b] * advantages[state * actions + b];
            }
        }
    }

    /**
     * Adds a matrix G with G + Gᵀ the Hessian's sum.
     *
     * @param slopes ∇V of the steps to go after this one, [state][logit]
     */
    void addHalfHessian(double[] weights, double[] advantages, double[][] slopes, double[][] half) {
        double[][] centred = new double[actions][zero().length];
        for (int state = 0; state < weights.length; state++) {
            if (weights[state] != 0) {
                centredSlopes(state, slopes, centred);
                addState(weights[state], state, advantages, centred, half);
            }
        }
    }

    private void addState(double weight, int state, double[] advantages, double[][] centred, double[][] half) {
        int at = aliasing.of()[state] * actions;
        double[] pi = policy[state];
        for (int b = 0; b < actions; b++) {
            double[] row = half[at + b];
            Matrices.add(weight * pi[b], centred[b], row);
            double own = advantages[state * actions + b];
            row[at + b] += weight / 2 * pi[b] * own;
            for (int c = 0; c < actions; c++) {
                row[at + c] -= weight / 2 * pi[b] * pi[c] * (own + advantages[state * actions + c]);
            }
        }
    }

    /** Overwrites the rows with ∇Q(s,b) - Σ_c π(c|s)∇Q(s,c); returns that mean. */
    private double[] centredSlopes(int state, double[][] slopes, double[][] rows) {
        double[] mean = zero();
        for (int b = 0; b < actions; b++) {
            process.expect(gamma, state * actions + b, slopes, rows[b]);
            Matrices.add(policy[state][b], rows[b], mean);
        }
        for (int b = 0; b < actions; b++) {
            Matrices.add(-1, mean, rows[b]);
        }
        return mean;
    }

    /** ∇V with one step more to go, [state][logit]: Σ_b π'Q + π∇Q. */
    double[][] slopes(double[] advantages, double[][] before) {
        double[][] result = new double[before.length][];
        double[][] rows = new double[actions][zero().length];
        for (int state = 0; state < result.length; state++) {
            result[state] = centredSlopes(state, before, rows);
            int at = aliasing.of()[state] * actions;
            for (int b = 0; b < actions; b++) {
                result[state][at + b] += policy[state][b] * advantages[state * actions + b];
            }
        }
        return result;
    }

    /** G + Gᵀ, in place. */
    static double[][] symmetricSum(double[][] half) {
        for (int i = 0; i < half.length; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = half[i][j] + half[j][i];
                half[i][j] = sum;
                half[j][i] = sum;
            }
        }
        return half;
    }
}
