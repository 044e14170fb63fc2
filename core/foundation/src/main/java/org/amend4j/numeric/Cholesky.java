/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

/**
 * A = LLᵀ for a symmetric positive definite matrix (Golub and Van Loan, "Matrix Computations", 4.2); n³/3 operations. Backward
 * stable: solutions are those of a matrix within {@code n²·u·‖A‖} or so, in either direction.
 *
 * <p>A matrix that is not positive definite up to rounding is not an error: {@link #definite} is then false, and solutions are
 * not finite.
 */
public final class Cholesky {

    private final double[][] lower;

    private Cholesky(double[][] lower) {
        this.lower = lower;
    }

    /**
     * Factors a matrix.
     *
     * @param matrix [n][n], of which the lower triangle is read
     */
    public static Cholesky of(double[][] matrix) {
        double[][] l = new double[matrix.length][];
        for (int i = 0; i < l.length; i++) {
            l[i] = new double[i + 1];
            for (int j = 0; j <= i; j++) {
                double rest = matrix[i][j];
                for (int k = 0; k < j; k++) {
                    rest -= l[i][k] * l[j][k];
                }
                l[i][j] = i == j ? Math.sqrt(rest) : rest / l[j][j];
            }
        }
        return new Cholesky(l);
    }

    /** Whether the matrix was positive definite: all of L's diagonal is above 0. */
    public boolean definite() {
        for (int i = 0; i < lower.length; i++) {
            if (!(lower[i][i] > 0)) {
                return false;
            }
        }
        return true;
    }

    /** x with Lx = b, which whitens: where b has the covariance A, x has the identity. */
    public double[] solveLower(double[] b) {
        double[] x = new double[b.length];
        for (int i = 0; i < x.length; i++) {
            double rest = b[i];
            for (int k = 0; k < i; k++) {
                rest -= lower[i][k] * x[k];
            }
            x[i] = rest / lower[i][i];
        }
        return x;
    }

    /** x with Ax = b. */
    public double[] solve(double[] b) {
        double[] x = solveLower(b);
        for (int i = x.length - 1; i >= 0; i--) {
            for (int k = i + 1; k < x.length; k++) {
                x[i] -= lower[k][i] * x[k];
            }
            x[i] /= lower[i][i];
        }
        return x;
    }
}
