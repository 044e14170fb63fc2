/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

/**
 * Small dense matrices, [row][column], at least one of each; shapes are not checked. Sums run left to right, one rounding a
 * multiplication and one an addition, so that equal matrices give equal bytes.
 */
public final class Matrices {

    private Matrices() {}

    public static double[][] identity(int n) {
        double[][] result = new double[n][n];
        for (int i = 0; i < n; i++) {
            result[i][i] = 1;
        }
        return result;
    }

    public static double[][] copy(double[][] a) {
        double[][] result = new double[a.length][];
        for (int i = 0; i < a.length; i++) {
            result[i] = a[i].clone();
        }
        return result;
    }

    public static double[][] transpose(double[][] a) {
        double[][] result = new double[a[0].length][a.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a[i].length; j++) {
                result[j][i] = a[i][j];
            }
        }
        return result;
    }

    public static double[][] multiply(double[][] a, double[][] b) {
        double[][] result = new double[a.length][b[0].length];
        for (int i = 0; i < a.length; i++) {
            for (int k = 0; k < b.length; k++) {
                add(a[i][k], b[k], result[i]);
            }
        }
        return result;
    }

    /** A + factor·B. */
    public static double[][] plus(double[][] a, double factor, double[][] b) {
        double[][] result = copy(a);
        for (int i = 0; i < a.length; i++) {
            add(factor, b[i], result[i]);
        }
        return result;
    }

    /** tr(AB). */
    public static double traceOfProduct(double[][] a, double[][] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < b.length; j++) {
                sum += a[i][j] * b[j][i];
            }
        }
        return sum;
    }

    public static double trace(double[][] a) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i][i];
        }
        return sum;
    }

    /** The largest absolute element; NaN if there is a NaN. */
    public static double size(double[][] a) {
        double size = 0;
        for (double[] row : a) {
            for (double element : row) {
                size = Math.max(size, Math.abs(element));
            }
        }
        return size;
    }

    public static double dot(double[] x, double[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }

    /** y ← y + factor·x; nothing to do for a factor of 0, of which there are many. */
    public static void add(double factor, double[] x, double[] y) {
        if (factor == 0) {
            return;
        }
        for (int i = 0; i < x.length; i++) {
            y[i] += factor * x[i];
        }
    }

    /** A ← (A + Aᵀ)/2. */
    public static void symmetriseInPlace(double[][] a) {
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < i; j++) {
                double mean = (a[i][j] + a[j][i]) / 2;
                a[i][j] = mean;
                a[j][i] = mean;
            }
        }
    }
}
