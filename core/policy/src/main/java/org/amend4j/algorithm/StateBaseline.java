/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import org.amend4j.estimator.Returns;
import org.amend4j.numeric.Cholesky;
import org.amend4j.rollout.Segment;
import org.amend4j.rollout.TakenSteps;

/**
 * b(s) = β·(x, 1), x being the encoded observation, fitted by least squares with a ridge to the discounted rewards to go of
 * one batch, for use on the next one: on the same batch it would bias the gradient. 0 before the first fit.
 */
final class StateBaseline {

    /** Ridge, as a share of the mean of x²: keeps one-hot inputs, which sum to 1 like the constant, apart. */
    private static final double RIDGE = 1e-6;

    private final double[] beta;

    StateBaseline(int inputs) {
        beta = new double[inputs + 1];
    }

    /** b of each row. */
    double[] of(TakenSteps steps) {
        int size = beta.length - 1;
        double[] result = new double[steps.rows()];
        for (int row = 0; row < result.length; row++) {
            double sum = beta[size];
            for (int i = 0; i < size; i++) {
                sum += beta[i] * steps.decisions().inputs()[row * size + i];
            }
            result[row] = sum;
        }
        return result;
    }

    void fit(TakenSteps steps, double gamma) {
        int n = beta.length;
        double[][] normal = new double[n][n];
        double[] right = new double[n];
        for (Segment segment : steps.segments()) {
            double[] targets = Returns.toGo(CollectedRows.rewards(steps, segment), gamma);
            for (int i = 0; i < targets.length; i++) {
                add(normal, right, row(steps, segment.begin() + i), targets[i]);
            }
        }
        double trace = 0;
        for (int i = 0; i < n; i++) {
            trace += normal[i][i];
        }
        for (int i = 0; i < n; i++) {
            normal[i][i] += RIDGE * trace / n;
        }
        System.arraycopy(Cholesky.of(normal).solve(right), 0, beta, 0, n);
    }

    private double[] row(TakenSteps steps, int row) {
        double[] x = new double[beta.length];
        System.arraycopy(steps.decisions().inputs(), row * (x.length - 1), x, 0, x.length - 1);
        x[x.length - 1] = 1;
        return x;
    }

    private static void add(double[][] normal, double[] right, double[] x, double target) {
        for (int i = 0; i < x.length; i++) {
            if (x[i] != 0) {
                for (int j = 0; j <= i; j++) {
                    normal[i][j] += x[i] * x[j];
                }
                right[i] += x[i] * target;
            }
        }
    }

    void save(TrainingState state) {
        state.put("baseline.beta", beta);
    }

    void restore(TrainingState state) {
        System.arraycopy(state.get("baseline.beta", beta.length), 0, beta, 0, beta.length);
    }
}
