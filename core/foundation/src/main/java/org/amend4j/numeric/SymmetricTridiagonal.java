/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

/**
 * Eigenvalues of a symmetric tridiagonal matrix by the implicit QL algorithm with Wilkinson shifts (Dubrulle 1970; EISPACK's
 * {@code imtql2}; Golub and Van Loan, Matrix Computations, 8.3), and chosen rows of its eigenvector matrix.
 *
 * <p>Backward stable: the computed eigenvalues are exact for a matrix within a small multiple of {@code ε·‖T‖}.
 */
final class SymmetricTridiagonal {

    private static final double EPSILON = Math.ulp(1.0);

    /** Two or three sweeps an eigenvalue are usual. */
    private static final int MOST_SWEEPS = 100;

    private final double[] d;
    private final double[] e;
    private final double[][] rows;

    private SymmetricTridiagonal(double[] d, double[] e, double[][] rows) {
        this.d = d;
        this.e = e;
        this.rows = rows;
    }

    /**
     * Eigenvalues λ in ascending order and, for each given row r, {@code r·Q} with the orthonormal eigenvectors in Q's
     * columns: rows of the identity give rows of Q. Costs n² operations and n² per row.
     *
     * @param diagonal [n], finite, n at least 1; only read
     * @param offDiagonal its first n - 1 elements are the ones next to the diagonal, finite; only read
     * @param rows [any][n], overwritten
     * @return the eigenvalues, [n]
     * @throws ArithmeticException if the iteration does not converge
     */
    static double[] solve(double[] diagonal, double[] offDiagonal, double[][] rows) {
        int n = diagonal.length;
        double[] d = diagonal.clone();
        double[] e = new double[n];
        System.arraycopy(offDiagonal, 0, e, 0, n - 1);
        double scale = 0;
        for (int i = 0; i < n; i++) {
            scale = Math.max(scale, Math.max(Math.abs(d[i]), Math.abs(e[i])));
        }
        if (scale > 0) { // entries of order 1 neither over- nor underflow below
            Vectors.divide(d, scale);
            Vectors.divide(e, scale);
        }
        SymmetricTridiagonal matrix = new SymmetricTridiagonal(d, e, rows);
        for (int l = 0; l < n; l++) {
            matrix.isolate(l);
        }
        matrix.sort();
        for (int i = 0; i < n; i++) {
            d[i] *= scale;
        }
        return d;
    }

    /** Sweeps until the l-th diagonal element stands alone. */
    private void isolate(int l) {
        int sweeps = 0;
        for (int m = endOfBlock(l); m > l; m = endOfBlock(l)) {
            if (sweeps++ == MOST_SWEEPS) {
                throw new ArithmeticException("the QL iteration must converge in " + MOST_SWEEPS
                        + " sweeps, it did not for eigenvalue " + l + " of " + d.length);
            }
            sweep(l, m);
        }
    }

    private int endOfBlock(int l) {
        int m = l;
        while (m < d.length - 1
                && Math.abs(e[m]) > EPSILON * (Math.abs(d[m]) + Math.abs(d[m + 1])) + Double.MIN_NORMAL) {
            m++;
        }
        return m;
    }

    /** One implicit QL step on rows l to m: plane rotations chase the bulge from the bottom to the top. */
    private void sweep(int l, int m) {
        double g = (d[l + 1] - d[l]) / (2 * e[l]);
        g = d[m] - d[l] + e[l] / (g + Math.copySign(Math.hypot(g, 1), g));
        double s = 1;
        double c = 1;
        double p = 0;
        for (int i = m - 1; i >= l; i--) {
            double f = s * e[i];
            double b = c * e[i];
            double r = Math.hypot(f, g);
            e[i + 1] = r;
            if (r == 0) { // the block split on the way; go on with the smaller one
                d[i + 1] -= p;
                e[m] = 0;
                return;
            }
            s = f / r;
            c = g / r;
            g = d[i + 1] - p;
            r = (d[i] - g) * s + 2 * c * b;
            p = s * r;
            d[i + 1] = g + p;
            g = c * r - b;
            rotate(i, s, c);
        }
        d[l] -= p;
        e[l] = g;
        e[m] = 0;
    }

    private void rotate(int i, double s, double c) {
        for (double[] row : rows) {
            double next = row[i + 1];
            row[i + 1] = s * row[i] + c * next;
            row[i] = c * row[i] - s * next;
        }
    }

    private void sort() {
        for (int i = 0; i < d.length - 1; i++) {
            int least = i;
            for (int j = i + 1; j < d.length; j++) {
                least = d[j] < d[least] ? j : least;
            }
            swap(d, i, least);
            for (double[] row : rows) {
                swap(row, i, least);
            }
        }
    }

    private static void swap(double[] x, int i, int j) {
        double kept = x[i];
        x[i] = x[j];
        x[j] = kept;
    }
}
