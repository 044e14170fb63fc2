/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import java.util.Arrays;
import java.util.OptionalDouble;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Matrices;
import org.amend4j.numeric.SymmetricSpectrum;

/**
 * A class of softmax policies: a map from parameters θ to the logits of every observation, z[observation·actions + action].
 * Smooth everywhere. Lengths of vectors are not checked.
 */
public sealed interface LogitMap {

    /** The kind of map, in fingerprints: never to be changed. */
    String kind();

    int observations();

    int actions();

    /** Length of θ. */
    int dimension();

    /** z(θ), [observations·actions]. */
    double[] logits(double[] theta);

    /** Jᵀg with J = ∂z/∂θ at θ, [dimension]: the chain rule for gradients. */
    double[] pullBack(double[] theta, double[] gradient);

    /** Adds Σ_i g_i ∇²z_i(θ) to a matrix, [dimension][dimension]; nothing for linear maps. */
    default void addCurvatureInPlace(double[] theta, double[] gradient, double[][] hessian) {}

    /**
     * Λ: a bound, for all θ, on both λ_max(E_a[score·scoreᵀ]) and ‖∇²log π‖ at any observation, never too low; absent where
     * there is none for all θ. With one row J_o of the Jacobian per action both are of J_oᵀ(diag π - ππᵀ)J_o for linear
     * maps, and λ_max(diag π - ππᵀ) ≤ 1/2 (Gershgorin: 2π_i(1 - π_i)).
     */
    OptionalDouble scoreBound();

    /** Everything the map depends on besides θ. */
    double[] constants();

    /** JᵀHJ + Σ_i g_i ∇²z_i: the chain rule for Hessians, [dimension][dimension], symmetric to the last bit. */
    default double[][] pullBack(double[] theta, double[] gradient, double[][] hessian) {
        double[][] half = new double[hessian.length][];
        for (int i = 0; i < half.length; i++) {
            half[i] = pullBack(theta, hessian[i]);
        }
        double[][] result = Matrices.transpose(half);
        for (int j = 0; j < result.length; j++) {
            result[j] = pullBack(theta, result[j]);
        }
        addCurvatureInPlace(theta, gradient, result);
        Matrices.symmetriseInPlace(result);
        return result;
    }

    /** One free logit per observation and action. */
    record Table(int observations, int actions) implements LogitMap {

        public Table {
            requireShape(observations, actions);
        }

        @Override
        public String kind() {
            return "Table";
        }

        @Override
        public int dimension() {
            return observations * actions;
        }

        @Override
        public double[] logits(double[] theta) {
            return theta.clone();
        }

        @Override
        public double[] pullBack(double[] theta, double[] gradient) {
            return gradient.clone();
        }

        @Override
        public double[][] pullBack(double[] theta, double[] gradient, double[][] hessian) {
            return Matrices.copy(hessian);
        }

        @Override
        public OptionalDouble scoreBound() {
            return OptionalDouble.of(0.5);
        }

        @Override
        public double[] constants() {
            return new double[0];
        }
    }

    /** Two actions, one logit per observation, that of action 1; action 0 has the logit 0. */
    record Bernoulli(int observations) implements LogitMap {

        public Bernoulli {
            requireShape(observations, 2);
        }

        @Override
        public String kind() {
            return "Bernoulli";
        }

        @Override
        public int actions() {
            return 2;
        }

        @Override
        public int dimension() {
            return observations;
        }

        @Override
        public double[] logits(double[] theta) {
            double[] result = new double[2 * observations];
            for (int i = 0; i < observations; i++) {
                result[2 * i + 1] = theta[i];
            }
            return result;
        }

        @Override
        public double[] pullBack(double[] theta, double[] gradient) {
            double[] result = new double[observations];
            for (int i = 0; i < observations; i++) {
                result[i] = gradient[2 * i + 1];
            }
            return result;
        }

        /** p(1 - p) ≤ 1/4. */
        @Override
        public OptionalDouble scoreBound() {
            return OptionalDouble.of(0.25);
        }

        @Override
        public double[] constants() {
            return new double[0];
        }
    }

    /**
     * z = Φθ: shared parameters, features, or an adapter with one of its factors held.
     *
     * @param phi Φ, [observations·actions][dimension]; copied, not to be changed after
     */
    @SuppressWarnings("ArrayRecordComponent") // copied in
    record Linear(int observations, int actions, double[][] phi) implements LogitMap {

        /** @throws IllegalArgumentException if the shape does not fit or a number is not finite */
        public Linear {
            requireShape(observations, actions);
            if (phi.length != observations * actions) {
                throw new IllegalArgumentException("phi must have a row per observation and action, "
                        + observations * actions + ", got " + phi.length);
            }
            int columns = Checks.atLeast(1, "number of features", phi[0].length);
            requireMatrix("phi", phi, columns);
            phi = Matrices.copy(phi);
        }

        @Override
        public String kind() {
            return "Linear";
        }

        @Override
        public int dimension() {
            return phi[0].length;
        }

        @Override
        public double[] logits(double[] theta) {
            double[] result = new double[phi.length];
            for (int i = 0; i < result.length; i++) {
                result[i] = Matrices.dot(phi[i], theta);
            }
            return result;
        }

        @Override
        public double[] pullBack(double[] theta, double[] gradient) {
            double[] result = new double[dimension()];
            for (int i = 0; i < phi.length; i++) {
                Matrices.add(gradient[i], phi[i], result);
            }
            return result;
        }

        /** ‖Φ_o‖²/2, the largest of an observation's rows. */
        @Override
        public OptionalDouble scoreBound() {
            double largest = 0;
            for (int o = 0; o < observations; o++) {
                double[][] gram = new double[actions][actions];
                for (int b = 0; b < actions; b++) {
                    for (int c = 0; c < actions; c++) {
                        gram[b][c] = Matrices.dot(phi[o * actions + b], phi[o * actions + c]);
                    }
                }
                largest = Math.max(largest, SymmetricSpectrum.of(gram).largestFromAbove());
            }
            return OptionalDouble.of(largest / 2);
        }

        @Override
        public double[] constants() {
            return flatten(phi);
        }
    }

    /**
     * z = W₀ + s·BA: a table under an adapter. θ is A, [rank][actions], row by row, then B, [observations][rank].
     *
     * @param base W₀, [observations][actions]; copied, not to be changed after
     * @param scaling s, finite
     * @param rank at least 1
     */
    @SuppressWarnings("ArrayRecordComponent") // copied in
    record LowRank(double[][] base, double scaling, int rank) implements LogitMap {

        /** @throws IllegalArgumentException if a number is out of its range or rows are of different lengths */
        public LowRank {
            Checks.atLeast(1, "number of observations", base.length);
            requireShape(base.length, base[0].length);
            requireMatrix("base", base, base[0].length);
            base = Matrices.copy(base);
            Checks.finite("scaling", scaling);
            Checks.atLeast(1, "rank", rank);
        }

        @Override
        public String kind() {
            return "LowRank";
        }

        @Override
        public int observations() {
            return base.length;
        }

        @Override
        public int actions() {
            return base[0].length;
        }

        @Override
        public int dimension() {
            return rank * (observations() + actions());
        }

        private int a(int k, int action) {
            return k * actions() + action;
        }

        private int b(int observation, int k) {
            return rank * actions() + observation * rank + k;
        }

        @Override
        public double[] logits(double[] theta) {
            double[] result = flatten(base);
            for (int o = 0; o < observations(); o++) {
                for (int c = 0; c < actions(); c++) {
                    double product = 0;
                    for (int k = 0; k < rank; k++) {
                        product += theta[b(o, k)] * theta[a(k, c)];
                    }
                    result[o * actions() + c] += scaling * product;
                }
            }
            return result;
        }

        /** ∇_A = s·BᵀG, ∇_B = s·GAᵀ. */
        @Override
        public double[] pullBack(double[] theta, double[] gradient) {
            double[] result = new double[dimension()];
            for (int o = 0; o < observations(); o++) {
                for (int c = 0; c < actions(); c++) {
                    double scaled = scaling * gradient[o * actions() + c];
                    for (int k = 0; k < rank; k++) {
                        result[a(k, c)] += scaled * theta[b(o, k)];
                        result[b(o, k)] += scaled * theta[a(k, c)];
                    }
                }
            }
            return result;
        }

        /** ∂²z[o,c]/∂B[o,k]∂A[k,c] = s. */
        @Override
        public void addCurvatureInPlace(double[] theta, double[] gradient, double[][] hessian) {
            for (int o = 0; o < observations(); o++) {
                for (int c = 0; c < actions(); c++) {
                    double scaled = scaling * gradient[o * actions() + c];
                    for (int k = 0; k < rank; k++) {
                        hessian[a(k, c)][b(o, k)] += scaled;
                        hessian[b(o, k)][a(k, c)] += scaled;
                    }
                }
            }
        }

        /** None: scores grow with A and B. */
        @Override
        public OptionalDouble scoreBound() {
            return OptionalDouble.empty();
        }

        @Override
        public double[] constants() {
            double[] flat = flatten(base);
            double[] result = Arrays.copyOf(flat, flat.length + 2);
            result[flat.length] = scaling;
            result[flat.length + 1] = rank;
            return result;
        }
    }

    private static void requireShape(int observations, int actions) {
        Checks.atLeast(1, "number of observations", observations);
        Checks.atLeast(1, "number of actions", actions);
        Math.multiplyExact(observations, actions);
    }

    private static void requireMatrix(String name, double[][] matrix, int columns) {
        for (int i = 0; i < matrix.length; i++) {
            if (matrix[i].length != columns) {
                throw new IllegalArgumentException(name + " must have " + columns + " numbers a row, got "
                        + matrix[i].length + " (row " + i + ")");
            }
            for (double element : matrix[i]) {
                Checks.finite(name, element);
            }
        }
    }

    private static double[] flatten(double[][] matrix) {
        int columns = matrix[0].length;
        double[] result = new double[matrix.length * columns];
        for (int i = 0; i < matrix.length; i++) {
            System.arraycopy(matrix[i], 0, result, i * columns, columns);
        }
        return result;
    }
}
