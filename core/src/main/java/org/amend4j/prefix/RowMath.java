package org.amend4j.prefix;

/**
 * The inner loops. Each is one plain counted loop over float arrays, the form that the JIT compiler turns into vector
 * instructions (checked on Java 17: 0.04 to 0.1 ns an element).
 */
final class RowMath {

    private RowMath() {}

    /** {@code out[o + i] += in[a + i] * weights[w + i]}. */
    static void multiplyAdd(float[] out, int o, float[] in, int a, float[] weights, int w, int length) {
        for (int i = 0; i < length; i++) {
            out[o + i] += in[a + i] * weights[w + i];
        }
    }

    /** {@code out[o + i] += in[a + i]}. */
    static void add(float[] out, int o, float[] in, int a, int length) {
        for (int i = 0; i < length; i++) {
            out[o + i] += in[a + i];
        }
    }

    /** {@code x[o + i] *= factor[i]}. */
    static void scale(float[] x, int o, float[] factor, int length) {
        for (int i = 0; i < length; i++) {
            x[o + i] *= factor[i];
        }
    }

    /** {@code x[o + i] += shift[i]}. */
    static void shift(float[] x, int o, float[] shift, int length) {
        for (int i = 0; i < length; i++) {
            x[o + i] += shift[i];
        }
    }

    /** {@code x[o + i] = min(max(x[o + i], low), high)}. */
    static void clamp(float[] x, int o, float low, float high, int length) {
        for (int i = 0; i < length; i++) {
            x[o + i] = Math.min(Math.max(x[o + i], low), high);
        }
    }

    /** {@code x[o + i] = min(max(x[o + i] + shift[i], low), high)}. */
    static void shiftAndClamp(float[] x, int o, float[] shift, float low, float high, int length) {
        for (int i = 0; i < length; i++) {
            x[o + i] = Math.min(Math.max(x[o + i] + shift[i], low), high);
        }
    }

    /** {@code x[o + i] = max(x[o + i], 0) + slope * min(x[o + i], 0)}. */
    static void leaky(float[] x, int o, float slope, int length) {
        for (int i = 0; i < length; i++) {
            x[o + i] = Math.max(x[o + i], 0f) + slope * Math.min(x[o + i], 0f);
        }
    }

    /** {@code x[o + i] = max(x[o + i], y[a + i])}. */
    static void max(float[] x, int o, float[] y, int a, int length) {
        for (int i = 0; i < length; i++) {
            x[o + i] = Math.max(x[o + i], y[a + i]);
        }
    }

    /** {@code sum[i] += x[a + i]}, in double. */
    static void sum(double[] sum, float[] x, int a, int length) {
        for (int i = 0; i < length; i++) {
            sum[i] += x[a + i];
        }
    }
}
