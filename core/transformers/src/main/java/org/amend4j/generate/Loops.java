/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Small loops in the form that HotSpot turns into vector instructions: all arrays are indexed alike. */
final class Loops {

    /** Multiplications that are worth another thread. */
    private static final long WORTHWHILE = 1 << 20;

    private Loops() {}

    /**
     * Does independent parts of some work, on several threads if it is worth that.
     *
     * @param parts how many
     * @param work multiplications of all parts together
     */
    static void sideBySide(int parts, long work, IntConsumer part) {
        IntStream all = IntStream.range(0, parts);
        (work < WORTHWHILE ? all : all.parallel()).forEach(part);
    }

    /** y += factor·x in [begin, end). */
    static void addScaled(float[] y, float factor, float[] x, int begin, int end) {
        for (int i = begin; i < end; i++) {
            y[i] += factor * x[i];
        }
    }

    /**
     * y += Σ f_j·x_j in [begin, end), in the order of the four. With more than five arrays HotSpot (17) finds the loop too large to
     * unroll, and leaves it scalar.
     */
    static void addFour(
            float[] y, float[] f, int at, float[] x0, float[] x1, float[] x2, float[] x3, int begin, int end) {
        float f0 = f[at];
        float f1 = f[at + 1];
        float f2 = f[at + 2];
        float f3 = f[at + 3];
        for (int i = begin; i < end; i++) {
            y[i] = y[i] + f0 * x0[i] + f1 * x1[i] + f2 * x2[i] + f3 * x3[i];
        }
    }

    static void add(float[] y, float[] x, int n) {
        for (int i = 0; i < n; i++) {
            y[i] += x[i];
        }
    }

    /** y += x², in double precision. */
    static void addSquares(double[] y, float[] x, int n) {
        for (int i = 0; i < n; i++) {
            double value = x[i];
            y[i] += value * value;
        }
    }

    static void multiply(float[] y, float[] x, int n) {
        for (int i = 0; i < n; i++) {
            y[i] *= x[i];
        }
    }

    static void scale(float[] y, float factor, int n) {
        for (int i = 0; i < n; i++) {
            y[i] *= factor;
        }
    }
}
