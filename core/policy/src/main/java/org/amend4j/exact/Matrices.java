package org.amend4j.exact;

/** Small dense matrices, [row][column], at least one of each; shapes are not checked. */
final class Matrices {

    private Matrices() {}

    static double[][] identity(int n) {
        double[][] result = new double[n][n];
        for (int i = 0; i < n; i++) {
            result[i][i] = 1;
        }
        return result;
    }

    static double[][] copy(double[][] a) {
        double[][] result = new double[a.length][];
        for (int i = 0; i < a.length; i++) {
            result[i] = a[i].clone();
        }
        return result;
    }

    static double[][] transpose(double[][] a) {
        double[][] result = new double[a[0].length][a.length];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < a[i].length; j++) {
                result[j][i] = a[i][j];
            }
        }
        return result;
    }

    static double[][] multiply(double[][] a, double[][] b) {
        double[][] result = new double[a.length][b[0].length];
        for (int i = 0; i < a.length; i++) {
            for (int k = 0; k < b.length; k++) {
                add(a[i][k], b[k], result[i]);
            }
        }
        return result;
    }

    /** A + factor·B. */
    static double[][] plus(double[][] a, double factor, double[][] b) {
        double[][] result = copy(a);
        for (int i = 0; i < a.length; i++) {
            add(factor, b[i], result[i]);
        }
        return result;
    }

    /** FMFᵀ. */
    static double[][] sandwich(double[][] f, double[][] m) {
        return multiply(multiply(f, m), transpose(f));
    }

    /** tr(AB). */
    static double traceOfProduct(double[][] a, double[][] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < b.length; j++) {
                sum += a[i][j] * b[j][i];
            }
        }
        return sum;
    }

    static double trace(double[][] a) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i][i];
        }
        return sum;
    }

    /** The largest absolute element; NaN if there is a NaN. */
    static double size(double[][] a) {
        double size = 0;
        for (double[] row : a) {
            for (double element : row) {
                size = Math.max(size, Math.abs(element));
            }
        }
        return size;
    }

    static double dot(double[] x, double[] y) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * y[i];
        }
        return sum;
    }

    /** y ← y + factor·x; nothing to do for a factor of 0, of which there are many. */
    static void add(double factor, double[] x, double[] y) {
        if (factor == 0) {
            return;
        }
        for (int i = 0; i < x.length; i++) {
            y[i] += factor * x[i];
        }
    }

    /** A ← (A + Aᵀ)/2. */
    static void symmetriseInPlace(double[][] a) {
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < i; j++) {
                double mean = (a[i][j] + a[j][i]) / 2;
                a[i][j] = mean;
                a[j][i] = mean;
            }
        }
    }
}
