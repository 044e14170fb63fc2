/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

/**
 * The gradients of up to five records, {@code Σ_r c_r·x_r}, added by halves. Every loop has one index for all of its arrays: HotSpot
 * vectorises that, but not {@code into[i] = c·x[p + i]}, where for all it knows {@code into} is {@code x}.
 */
final class HeadLeaf {

    /** The most records of a leaf; loops over six rows and more are not vectorised. */
    static final int MOST = 5;

    private HeadLeaf() {}

    /**
     * Overwrites the first elements of {@code into}.
     *
     * @param order the features' rows, of which [from, from + count) are added
     * @param count in [1, 5]
     * @param c the rows' factors, from {@code first} on, {@code stride} apart
     */
    static void write(
            double[][] features, int[] order, int from, int count, double[] c, int first, int stride, double[] into) {
        double[] v = features[order[from]];
        double a = c[first];
        if (count == 1) {
            write(a, v, into);
            return;
        }
        double[] w = features[order[from + 1]];
        double b = c[first + stride];
        if (count == 2) {
            write(a, v, b, w, into);
            return;
        }
        double[] x = features[order[from + 2]];
        double d = c[first + 2 * stride];
        if (count == 3) {
            write(a, v, b, w, d, x, into);
            return;
        }
        double[] y = features[order[from + 3]];
        double e = c[first + 3 * stride];
        if (count == 4) {
            write(a, v, b, w, d, x, e, y, into);
            return;
        }
        write(a, v, b, w, d, x, e, y, c[first + 4 * stride], features[order[from + 4]], into);
    }

    /** Whether {@link #add} takes so many records: as many as the leaves of most sums have. */
    static boolean canAdd(int count) {
        return count == 4 || count == 5;
    }

    /**
     * Adds to the first elements of {@code into} what {@link #write} would write: one pass instead of two.
     *
     * @param count one that {@link #canAdd}
     */
    static void add(double[][] features, int[] order, int from, int count, double[] c, int first, double[] into) {
        double[] v = features[order[from]];
        double[] w = features[order[from + 1]];
        double[] x = features[order[from + 2]];
        double[] y = features[order[from + 3]];
        if (count == 4) {
            add(c[first], v, c[first + 1], w, c[first + 2], x, c[first + 3], y, into);
            return;
        }
        double[] z = features[order[from + 4]];
        add(c[first], v, c[first + 1], w, c[first + 2], x, c[first + 3], y, c[first + 4], z, into);
    }

    private static void add(
            double a, double[] v, double b, double[] w, double c, double[] x, double d, double[] y, double[] into) {
        for (int i = 0; i < v.length; i++) {
            into[i] += (a * v[i] + b * w[i]) + (c * x[i] + d * y[i]);
        }
    }

    private static void add(
            double a,
            double[] v,
            double b,
            double[] w,
            double c,
            double[] x,
            double d,
            double[] y,
            double e,
            double[] z,
            double[] into) {
        for (int i = 0; i < v.length; i++) {
            into[i] += (a * v[i] + b * w[i]) + (c * x[i] + (d * y[i] + e * z[i]));
        }
    }

    private static void write(double a, double[] v, double[] into) {
        for (int i = 0; i < v.length; i++) {
            into[i] = a * v[i];
        }
    }

    private static void write(double a, double[] v, double b, double[] w, double[] into) {
        for (int i = 0; i < v.length; i++) {
            into[i] = a * v[i] + b * w[i];
        }
    }

    private static void write(double a, double[] v, double b, double[] w, double c, double[] x, double[] into) {
        for (int i = 0; i < v.length; i++) {
            into[i] = a * v[i] + (b * w[i] + c * x[i]);
        }
    }

    private static void write(
            double a, double[] v, double b, double[] w, double c, double[] x, double d, double[] y, double[] into) {
        for (int i = 0; i < v.length; i++) {
            into[i] = (a * v[i] + b * w[i]) + (c * x[i] + d * y[i]);
        }
    }

    private static void write(
            double a,
            double[] v,
            double b,
            double[] w,
            double c,
            double[] x,
            double d,
            double[] y,
            double e,
            double[] z,
            double[] into) {
        for (int i = 0; i < v.length; i++) {
            into[i] = (a * v[i] + b * w[i]) + (c * x[i] + (d * y[i] + e * z[i]));
        }
    }
}
