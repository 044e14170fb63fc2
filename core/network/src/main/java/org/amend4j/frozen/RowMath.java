/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

/**
 * The inner loops. Each is one plain counted loop over float arrays, the form that the JIT compiler turns into vector
 * instructions. All arrays of a loop are indexed alike and from 0: with offsets of their own HotSpot (17) cannot tell
 * whether a store meets a later load, and leaves the loop scalar.
 *
 * <p>The rectifiers use absolute values instead of {@code Math.max} and {@code Math.min}: HotSpot vectorises those only
 * if its branch profile of them, shared by the whole program, is balanced, and a scalar clamp took ten times as long.
 * With h = |x| the sum x + h is 2x or 0, so {@code 0.5 (x + |x|)} is max(x, 0) to the bit for |x| below 1.7e38.
 */
final class RowMath {

    private static final float HALF = 0.5f;

    /** (1 − 2⁻²²) / 2. */
    private static final float ALMOST_HALF = 0.5f - 0x1p-23f;

    private RowMath() {}

    /** {@code out[i] += in[i] * weights[i]}. */
    static void multiplyAdd(float[] out, float[] in, float[] weights, int length) {
        for (int i = 0; i < length; i++) {
            out[i] += in[i] * weights[i];
        }
    }

    /** {@code out[i] += in[i]}. */
    static void add(float[] out, float[] in, int length) {
        for (int i = 0; i < length; i++) {
            out[i] += in[i];
        }
    }

    /** {@code x[i] *= factor[i]}. */
    static void scale(float[] x, float[] factor, int length) {
        for (int i = 0; i < length; i++) {
            x[i] *= factor[i];
        }
    }

    /** {@code x[i] += shift[i]}. */
    static void shift(float[] x, float[] shift, int length) {
        for (int i = 0; i < length; i++) {
            x[i] += shift[i];
        }
    }

    /** {@code x[i] = max(x[i], 0)}. */
    static void relu(float[] x, int length) {
        for (int i = 0; i < length; i++) {
            x[i] = HALF * (x[i] + Math.abs(x[i]));
        }
    }

    /** {@code x[i] = max(x[i] + shift[i], 0)}. */
    static void shiftAndRelu(float[] x, float[] shift, int length) {
        for (int i = 0; i < length; i++) {
            float y = x[i] + shift[i];
            x[i] = HALF * (y + Math.abs(y));
        }
    }

    /**
     * {@code x[i] = min(x[i], high)}, high positive, in two steps x ← x − max(x − high, 0). Where x is at most
     * high both leave it as it is. Elsewhere the first, its subtrahend made smaller by 2⁻²², lands at or just above high
     * whatever its roundings do, and within a factor of 2 of it for x up to 2²² high; there x − high is exact
     * (Sterbenz), so the second gives high itself.
     */
    static void cap(float[] x, float high, int length) {
        for (int i = 0; i < length; i++) {
            float over = x[i] - high;
            float y = x[i] - ALMOST_HALF * (over + Math.abs(over));
            float rest = y - high;
            x[i] = y - HALF * (rest + Math.abs(rest));
        }
    }

    /** {@code x[i]} where it is positive, {@code slope * x[i]} elsewhere. */
    static void leaky(float[] x, float slope, int length) {
        for (int i = 0; i < length; i++) {
            float positive = HALF * (x[i] + Math.abs(x[i]));
            x[i] = positive + slope * (x[i] - positive);
        }
    }

    /** {@code x[i] = max(x[i], y[a + i])}. */
    static void max(float[] x, float[] y, int a, int length) {
        for (int i = 0; i < length; i++) {
            x[i] = Math.max(x[i], y[a + i]);
        }
    }

    /** {@code sum[i] += x[a + i]}, in double. */
    static void sum(double[] sum, float[] x, int a, int length) {
        for (int i = 0; i < length; i++) {
            sum[i] += x[a + i];
        }
    }
}
