/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import java.util.Arrays;
import org.amend4j.internal.validation.Checks;
import org.amend4j.random.SplitMix64;

/**
 * Linear dynamics with quadratic costs: x' = A x + B u + w, reward -(xᵀQx + uᵀRu) of the state and action before the move.
 * State and observation: x; every finite action is allowed. Never terminates, without a time limit. Rewards are
 * unbounded, and so are the scores of Gaussian policies on it.
 */
public final class LinearQuadratic extends Control {

    private final Problem problem;
    private SplitMix64 random = new SplitMix64(0);

    /**
     * The matrices, row by row; n states, m actions.
     *
     * @param a A, [n][n]
     * @param b B, [n][m]
     * @param q Q, [n][n]
     * @param r R, [m][m]
     * @param startFactor F, [n][k]: the first state is F times k standard normals, so its covariance is FFᵀ
     * @param noiseFactor G, [n][k]: w is G times k standard normals
     */
    @SuppressWarnings("ArrayRecordComponent") // copied in; read within this class only
    public record Problem(
            double[][] a, double[][] b, double[][] q, double[][] r, double[][] startFactor, double[][] noiseFactor) {

        /** @throws IllegalArgumentException if shapes do not fit or a number is not finite */
        public Problem {
            int n = Checks.atLeast(1, "number of states", a.length);
            int m = Checks.atLeast(1, "number of actions", r.length);
            a = copy("a", a, n, n);
            b = copy("b", b, n, m);
            q = copy("q", q, n, n);
            r = copy("r", r, m, m);
            startFactor = copy("startFactor", startFactor, n, columns(startFactor));
            noiseFactor = copy("noiseFactor", noiseFactor, n, columns(noiseFactor));
        }

        private static int columns(double[][] matrix) {
            return matrix.length == 0 ? 0 : matrix[0].length;
        }

        private static double[][] copy(String name, double[][] matrix, int rows, int columns) {
            if (matrix.length != rows) {
                throw new IllegalArgumentException(name + " must have " + rows + " rows, got " + matrix.length);
            }
            double[][] result = new double[rows][];
            for (int i = 0; i < rows; i++) {
                double[] row = matrix[i];
                if (row.length != columns || !Arrays.stream(row).allMatch(Double::isFinite)) {
                    throw new IllegalArgumentException(name + " must have " + columns + " finite numbers a row, got "
                            + Arrays.toString(row) + " (row " + i + ")");
                }
                result[i] = row.clone();
            }
            return result;
        }
    }

    /**
     * A point on a line, pushed: position and velocity, 0.1 seconds a step. Q = diag(1, 0.1), R = 0.1; the first state has
     * covariance 0.5 I, the noise of a step 0.01 I.
     */
    public static Problem doubleIntegrator() {
        double start = Math.sqrt(0.5);
        return new Problem(
                new double[][] {{1, 0.1}, {0, 1}},
                new double[][] {{0}, {0.1}},
                new double[][] {{1, 0}, {0, 0.1}},
                new double[][] {{0.1}},
                new double[][] {{start, 0}, {0, start}},
                new double[][] {{0.1, 0}, {0, 0.1}});
    }

    public LinearQuadratic(Problem problem) {
        super(problem.a.length, everywhere(problem.a.length), everywhere(problem.r.length));
        this.problem = problem;
    }

    private static Space everywhere(int size) {
        double[] bound = new double[size];
        Arrays.fill(bound, Double.POSITIVE_INFINITY);
        return Space.Box.symmetric(bound);
    }

    /** The noise of the episode comes from the same generator, after the first state. */
    @Override
    void draw(double[] state, SplitMix64 source) {
        random = source;
        Arrays.fill(state, 0);
        addNoise(problem.startFactor, state);
    }

    @Override
    StepResult move(double[] state, double[] action) {
        double cost = quadratic(problem.q, state) + quadratic(problem.r, action);
        double[] next = new double[state.length];
        for (int i = 0; i < next.length; i++) {
            next[i] = dot(problem.a[i], state) + dot(problem.b[i], action);
        }
        addNoise(problem.noiseFactor, next);
        System.arraycopy(next, 0, state, 0, next.length);
        return new StepResult(observe(state), -cost, false, false);
    }

    @Override
    double[] observe(double[] state) {
        return state.clone();
    }

    private void addNoise(double[][] factor, double[] target) {
        double[] normals = new double[factor[0].length];
        for (int k = 0; k < normals.length; k++) {
            normals[k] = random.nextGaussian();
        }
        for (int i = 0; i < target.length; i++) {
            target[i] += dot(factor[i], normals);
        }
    }

    private static double quadratic(double[][] matrix, double[] x) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * dot(matrix[i], x);
        }
        return sum;
    }

    private static double dot(double[] x, double[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }
}
