/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Lu;
import org.amend4j.numeric.Matrices;
import org.amend4j.numeric.SymmetricSpectrum;

/**
 * The limit of TD(0) with linear features along a stationary chain (Tsitsiklis and Van Roy 1997): w* with
 * A w* = b, A = ΦᵀD(Φ - γPΦ), b = ΦᵀDr, D the stationary law. With independent features A is regular. P has the
 * probabilities of continuing, so nothing is bootstrapped beyond an end.
 *
 * @param stationary D, [n]
 * @param matrix A, [k][k]
 * @param right b, [k]
 * @param weights w*, [k]
 * @param approximation Φw*, [n]; equal to the exact values if those are a combination of the features
 * @param smallestCurvature ω = λ_min(ΦᵀDΦ), which rates of convergence depend on
 */
@SuppressWarnings("ArrayRecordComponent") // results, not to be changed
public record TdFixedPoint(
        double[] stationary,
        double[][] matrix,
        double[] right,
        double[] weights,
        double[] approximation,
        double smallestCurvature) {

    /**
     * Solves for the fixed point.
     *
     * @param features Φ, [n][k], a row per state of the chain; only read
     * @param gamma γ, in (0, 1)
     * @throws IllegalArgumentException if an argument does not fit
     * @throws IllegalStateException if the chain has several stationary laws
     * @throws ArithmeticException if A is singular to rounding, as it is if features depend on each other
     */
    public static TdFixedPoint of(CriticChain chain, double[][] features, double gamma) {
        Checks.insideUnit("gamma", gamma);
        requireFeatures(chain, features);
        double[] stationary = chain.stationary();
        double[][] next = Matrices.multiply(chain.continuing(), features);
        double[][] weighted = Matrices.copy(features);
        for (int i = 0; i < weighted.length; i++) {
            for (int k = 0; k < weighted[i].length; k++) {
                weighted[i][k] *= stationary[i];
            }
        }
        double[][] transposed = Matrices.transpose(weighted);
        double[][] matrix = Matrices.multiply(transposed, Matrices.plus(features, -gamma, next));
        double[] rewards = chain.rewards();
        double[] right = times(transposed, rewards);
        double[] weights = Lu.of(matrix).solve(right);
        double omega =
                SymmetricSpectrum.of(Matrices.multiply(transposed, features)).smallest();
        return new TdFixedPoint(stationary, matrix, right, weights, times(features, weights), omega);
    }

    private static void requireFeatures(CriticChain chain, double[][] features) {
        if (features.length != chain.size()) {
            throw new IllegalArgumentException(
                    "features must have a row per state of the chain, " + chain.size() + ", got " + features.length);
        }
        int columns = Checks.atLeast(1, "number of features", features[0].length);
        for (int i = 0; i < features.length; i++) {
            if (features[i].length != columns) {
                throw new IllegalArgumentException("features must have " + columns + " numbers a row, got "
                        + features[i].length + " (row " + i + ")");
            }
        }
    }

    private static double[] times(double[][] matrix, double[] x) {
        double[] result = new double[matrix.length];
        for (int i = 0; i < result.length; i++) {
            result[i] = Matrices.dot(matrix[i], x);
        }
        return result;
    }

    /**
     * ‖Φw* - exact‖²_D = Σ D(i)·(Φw*(i) - exact(i))².
     *
     * @param exact [n]
     */
    public double squaredError(double[] exact) {
        double sum = 0;
        for (int i = 0; i < exact.length; i++) {
            double off = approximation[i] - exact[i];
            sum += stationary[i] * off * off;
        }
        return sum;
    }
}
