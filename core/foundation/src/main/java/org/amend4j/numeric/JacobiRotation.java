/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

/** A rotation in the plane of two axes that makes an element of a symmetric matrix zero (Golub and Van Loan, 8.5.2). */
record JacobiRotation(int p, int q, double tangent, double cosine, double sine) {

    /** {@code (a_qq - a_pp)/(2·a_pq)}, what the tangent is a function of. */
    static double cotangentOfTwice(double[][] a, int p, int q) {
        return (a[q][q] - a[p][p]) / (2 * a[p][q]);
    }

    /**
     * The smaller of the two angles.
     *
     * @param tau of {@link #cotangentOfTwice}
     * @param root {@code √(1 + τ²)}, as the caller's error bound wants it computed
     */
    static JacobiRotation of(int p, int q, double tau, double root) {
        double tangent = Math.copySign(1, tau) / (Math.abs(tau) + root);
        double cosine = 1 / Math.sqrt(1 + tangent * tangent);
        return new JacobiRotation(p, q, tangent, cosine, tangent * cosine);
    }

    /** A ← JᵀAJ with a_pq = 0; A is symmetric to the last bit before and after. */
    void applyInPlace(double[][] a) {
        double shift = tangent * a[p][q];
        a[p][p] -= shift;
        a[q][q] += shift;
        a[p][q] = 0;
        a[q][p] = 0;
        for (int k = 0; k < a.length; k++) {
            if (k != p && k != q) {
                turn(a, k);
                a[k][p] = a[p][k];
                a[k][q] = a[q][k];
            }
        }
    }

    /** Rows p and q of a matrix turned. */
    void turnRowsInPlace(double[][] rows) {
        for (int k = 0; k < rows.length; k++) {
            turn(rows, k);
        }
    }

    private void turn(double[][] rows, int k) {
        double ofP = rows[p][k];
        double ofQ = rows[q][k];
        rows[p][k] = cosine * ofP - sine * ofQ;
        rows[q][k] = sine * ofP + cosine * ofQ;
    }
}
