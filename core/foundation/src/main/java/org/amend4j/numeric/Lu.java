/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

/**
 * Linear systems: PA = LU by Gaussian elimination with partial pivoting (Golub and Van Loan, "Matrix Computations", 3.4);
 * n³/3 operations. Backward stable in practice: {@code ‖Ax - b‖} is of the order {@code n²·u·‖A‖·‖x‖}, in either direction.
 */
public final class Lu {

    private final double[][] factors;
    private final int[] rows;

    private Lu(double[][] factors, int[] rows) {
        this.factors = factors;
        this.rows = rows;
    }

    /**
     * Factors a matrix.
     *
     * @param matrix [n][n]; only read
     * @throws ArithmeticException if it is singular to rounding or holds a number that is not finite
     */
    public static Lu of(double[][] matrix) {
        int n = matrix.length;
        double[][] a = new double[n][];
        int[] rows = new int[n];
        double size = 0;
        for (int i = 0; i < n; i++) {
            a[i] = matrix[i].clone();
            rows[i] = i;
            for (double element : a[i]) {
                size = Math.max(size, Math.abs(element)); // NaN stays NaN
            }
        }
        for (int k = 0; k < n; k++) {
            pivot(a, rows, k, n * Math.ulp(1.0) * size);
            for (int i = k + 1; i < n; i++) {
                eliminate(a[i], a[k], k);
            }
        }
        return new Lu(a, rows);
    }

    private static void pivot(double[][] a, int[] rows, int k, double negligible) {
        int best = k;
        for (int i = k + 1; i < a.length; i++) {
            if (Math.abs(a[i][k]) > Math.abs(a[best][k])) {
                best = i;
            }
        }
        double[] row = a[best];
        a[best] = a[k];
        a[k] = row;
        int index = rows[best];
        rows[best] = rows[k];
        rows[k] = index;
        if (!(Math.abs(row[k]) > negligible)) {
            throw new ArithmeticException(
                    "a matrix must be regular, got the pivot " + row[k] + " (column " + k + " of " + a.length + ")");
        }
    }

    private static void eliminate(double[] row, double[] pivotRow, int k) {
        if (row[k] == 0) {
            return;
        }
        double factor = row[k] / pivotRow[k];
        row[k] = factor;
        for (int j = k + 1; j < row.length; j++) {
            row[j] -= factor * pivotRow[j];
        }
    }

    /** x with Ax = b. */
    public double[] solve(double[] b) {
        int n = rows.length;
        double[] x = new double[n];
        for (int i = 0; i < n; i++) {
            double sum = b[rows[i]];
            for (int j = 0; j < i; j++) {
                sum -= factors[i][j] * x[j];
            }
            x[i] = sum;
        }
        for (int i = n - 1; i >= 0; i--) {
            double sum = x[i];
            for (int j = i + 1; j < n; j++) {
                sum -= factors[i][j] * x[j];
            }
            x[i] = sum / factors[i][i];
        }
        return x;
    }

    /** x with Aᵀx = b; row after row, as the factors lie. */
    public double[] solveTransposed(double[] b) {
        int n = rows.length;
        double[] y = b.clone();
        for (int i = 0; i < n; i++) {
            y[i] /= factors[i][i];
            for (int j = i + 1; j < n; j++) {
                y[j] -= factors[i][j] * y[i];
            }
        }
        for (int i = n - 1; i >= 0; i--) {
            for (int j = 0; j < i; j++) {
                y[j] -= factors[i][j] * y[i];
            }
        }
        double[] x = new double[n];
        for (int i = 0; i < n; i++) {
            x[rows[i]] = y[i];
        }
        return x;
    }

    /** X with AX = B, column by column. */
    public double[][] solve(double[][] b) {
        double[][] columns = Matrices.transpose(b);
        for (int j = 0; j < columns.length; j++) {
            columns[j] = solve(columns[j]);
        }
        return Matrices.transpose(columns);
    }
}
