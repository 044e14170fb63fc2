/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Matrices;
import org.amend4j.numeric.SymmetricSpectrum;

/**
 * A function of W₀ + s·BA at A = B = 0, where an adapter cannot start to train: both gradients s·BᵀG and s·GAᵀ, G the
 * gradient with respect to W, vanish, and so do those of every single sample, whatever its noise. The
 * Hessian has only the mixed part ∂²/∂B[i,k]∂A[k,j] = s·G[i,j], so its eigenvalues are ±s times the singular values of G, each
 * as often as the rank, and 0. For G ≠ 0 it is a strict saddle, and a stochastic gradient never leaves it.
 *
 * @param gradient G, [rows][columns]; copied, not to be changed after
 * @param scaling s, finite
 * @param rank at least 1
 */
@SuppressWarnings("ArrayRecordComponent") // copied in
public record ZeroAdapter(double[][] gradient, double scaling, int rank) {

    /** @throws IllegalArgumentException if a number is out of its range or rows are of different lengths */
    public ZeroAdapter {
        Checks.atLeast(1, "number of rows", gradient.length);
        for (double[] row : gradient) {
            if (row.length != gradient[0].length) {
                throw new IllegalArgumentException(
                        "gradient must have " + gradient[0].length + " numbers a row, got " + row.length);
            }
            for (double element : row) {
                Checks.finite("gradient", element);
            }
        }
        Checks.atLeast(1, "number of columns", gradient[0].length);
        gradient = Matrices.copy(gradient);
        Checks.finite("scaling", scaling);
        Checks.atLeast(1, "rank", rank);
    }

    /**
     * The singular values of G, descending, the smaller one of rows and columns many; off by a few units of rounding of the
     * largest, as eigenvalues of [[0, G], [Gᵀ, 0]].
     */
    public double[] singularValues() {
        int rows = gradient.length;
        int columns = gradient[0].length;
        double[][] both = new double[rows + columns][rows + columns];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                both[i][rows + j] = gradient[i][j];
                both[rows + j][i] = gradient[i][j];
            }
        }
        double[] ascending = SymmetricSpectrum.of(both).values();
        double[] result = new double[Math.min(rows, columns)];
        for (int k = 0; k < result.length; k++) {
            result[k] = Math.max(0, ascending[ascending.length - 1 - k]);
        }
        return result;
    }

    /** λ_max = |s|·σ_max(G). */
    public double largestEigenvalue() {
        return Math.abs(scaling) * singularValues()[0];
    }

    /** The Hessian with respect to A, row by row, then B, row by row, as {@link LogitMap.LowRank} has its parameters. */
    public double[][] hessian() {
        int rows = gradient.length;
        int columns = gradient[0].length;
        int dimension = rank * (rows + columns);
        double[][] result = new double[dimension][dimension];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                for (int k = 0; k < rank; k++) {
                    int a = k * columns + j;
                    int b = rank * columns + i * rank + k;
                    result[a][b] = scaling * gradient[i][j];
                    result[b][a] = scaling * gradient[i][j];
                }
            }
        }
        return result;
    }
}
