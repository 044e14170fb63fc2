package org.amend4j.descent;

/**
 * The largest eigenvalue of a small symmetric matrix, never underestimated: cyclic Jacobi rotations, then every error added.
 * Meant for orders up to a few hundred; about 10·n³ operations.
 */
final class SymmetricEigenvalues {

    private static final double UNIT = 0x1p-53;

    /** Rotations stop when what is left off the diagonal is this share of the matrix; it is added to the result. */
    private static final double NEGLIGIBLE = 0x1p-50;

    private static final int MOST_SWEEPS = 60;

    /**
     * Error of one rotation, in units u·‖M‖_F. The computed cosine and sine are within 6u of a true rotation; an element it
     * touches gets three more roundings, so it is off by at most 9u·(|m_kp| + |m_kq|), and over rows and columns p and q
     * these have the norm {@code 9u·2·√2·‖M‖_F < 26u·‖M‖_F}. The two diagonal elements add at most 6u·‖M‖_F.
     */
    private static final double ERROR_PER_ROTATION = 32;

    private SymmetricEigenvalues() {}

    /**
     * An upper bound of the largest eigenvalue, above it by a relative error of about 1e-12 at order 8, 1e-9 at order 256.
     *
     * @param matrix [n, n], symmetric; overwritten
     * @return infinite or NaN if the matrix is
     */
    static double largest(double[] matrix, int n) {
        double norm = Math.sqrt(squares(matrix, n, true));
        long rotations = 0;
        double off = Math.sqrt(squares(matrix, n, false));
        for (int sweep = 0; sweep < MOST_SWEEPS && off > NEGLIGIBLE * norm; sweep++) {
            rotations += sweep(matrix, n);
            off = Math.sqrt(squares(matrix, n, false));
        }
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            largest = Math.max(largest, matrix[i * n + i]); // NaN stays NaN
        }
        // Weyl: eigenvalues move by at most the norm of what was left out or rounded
        return largest + off + (ERROR_PER_ROTATION * rotations + n * (double) n) * UNIT * norm;
    }

    private static double squares(double[] m, int n, boolean withDiagonal) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                if (withDiagonal || i != j) {
                    sum += m[i * n + j] * m[i * n + j];
                }
            }
        }
        return sum;
    }

    private static int sweep(double[] m, int n) {
        int rotations = 0;
        for (int p = 0; p < n - 1; p++) {
            for (int q = p + 1; q < n; q++) {
                if (m[p * n + q] != 0) {
                    rotate(m, n, p, q);
                    rotations++;
                }
            }
        }
        return rotations;
    }

    /** Golub and Van Loan, "Matrix Computations", 8.5.2: the rotation in the plane (p, q) that makes m_pq zero. */
    private static void rotate(double[] m, int n, int p, int q) {
        double pq = m[p * n + q];
        double tau = (m[q * n + q] - m[p * n + p]) / (2 * pq);
        double tangent = Math.copySign(1, tau) / (Math.abs(tau) + Math.sqrt(1 + tau * tau));
        double cosine = 1 / Math.sqrt(1 + tangent * tangent);
        double sine = tangent * cosine;
        m[p * n + p] -= tangent * pq;
        m[q * n + q] += tangent * pq;
        m[p * n + q] = 0;
        m[q * n + p] = 0;
        for (int k = 0; k < n; k++) {
            if (k != p && k != q) {
                double kp = m[p * n + k];
                double kq = m[q * n + k];
                double newP = cosine * kp - sine * kq;
                double newQ = sine * kp + cosine * kq;
                m[p * n + k] = newP;
                m[k * n + p] = newP;
                m[q * n + k] = newQ;
                m[k * n + q] = newQ;
            }
        }
    }
}
