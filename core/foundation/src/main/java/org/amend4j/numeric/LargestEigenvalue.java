/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

/**
 * The largest eigenvalue of a small symmetric matrix, never underestimated: cyclic Jacobi rotations, plus a bound on every error.
 * Meant for orders up to a few hundred; about 10·n³ operations.
 */
public final class LargestEigenvalue {

    /** Rotations stop when what is left off the diagonal is this share of the matrix; it is added to the result. */
    private static final double NEGLIGIBLE = 0x1p-50;

    private static final int MOST_SWEEPS = 60;

    /**
     * Error of one rotation, in units u·‖M‖_F. The computed cosine and sine are within 6u of a true rotation; an element it
     * touches gets three more roundings, so it is off by at most 9u·(|m_kp| + |m_kq|), and over rows and columns p and q
     * these have the norm {@code 9u·2·√2·‖M‖_F < 26u·‖M‖_F}. The two diagonal elements add at most 6u·‖M‖_F.
     */
    private static final double ERROR_PER_ROTATION = 32;

    private LargestEigenvalue() {}

    /**
     * An upper bound of the largest eigenvalue, above it by a relative error of about 1e-12 at order 8, 1e-9 at order 256.
     *
     * @param matrix [n][n], symmetric to the last bit; overwritten
     * @return infinite or NaN if the matrix is
     */
    public static double boundInPlace(double[][] matrix) {
        int n = matrix.length;
        double norm = Math.sqrt(squares(matrix, true));
        long rotations = 0;
        double off = Math.sqrt(squares(matrix, false));
        for (int sweep = 0; sweep < MOST_SWEEPS && off > NEGLIGIBLE * norm; sweep++) {
            rotations += sweep(matrix);
            off = Math.sqrt(squares(matrix, false));
        }
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            largest = Math.max(largest, matrix[i][i]); // NaN stays NaN
        }
        // Weyl: eigenvalues move by at most the norm of what was left out or rounded
        return largest + off + (ERROR_PER_ROTATION * rotations + n * (double) n) * Summation.UNIT * norm;
    }

    private static double squares(double[][] m, boolean withDiagonal) {
        double sum = 0;
        for (int i = 0; i < m.length; i++) {
            for (int j = 0; j < m.length; j++) {
                if (withDiagonal || i != j) {
                    sum += m[i][j] * m[i][j];
                }
            }
        }
        return sum;
    }

    private static int sweep(double[][] m) {
        int rotations = 0;
        for (int p = 0; p < m.length - 1; p++) {
            for (int q = p + 1; q < m.length; q++) {
                if (m[p][q] != 0) {
                    double tau = JacobiRotation.cotangentOfTwice(m, p, q);
                    JacobiRotation.of(p, q, tau, Math.sqrt(1 + tau * tau)).applyInPlace(m);
                    rotations++;
                }
            }
        }
        return rotations;
    }
}
