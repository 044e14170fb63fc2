package org.amend4j.prefix;

/**
 * The inner loops. Each is one plain counted loop over float arrays, the form that the JIT compiler turns into vector
 * instructions.
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

    /** {@code x[o + i] = max(x[o + i], 0)}. */
    static void relu(float[] x, int o, int length) {
        for (int i = 0; i < length; i++) {
            x[o + i] = HALF * (x[o + i] + Math.abs(x[o + i]));
        }
    }

    /** {@code x[o + i] = max(x[o + i] + shift[i], 0)}. */
    static void shiftAndRelu(float[] x, int o, float[] shift, int length) {
        for (int i = 0; i < length; i++) {
            float y = x[o + i] + shift[i];
            x[o + i] = HALF * (y + Math.abs(y));
        }
    }

    /**
     * {@code x[o + i] = min(x[o + i], high)}, high positive, in two steps x ← x − max(x − high, 0). Where x is at most
     * high both leave it as it is. Elsewhere the first, its subtrahend made smaller by 2⁻²², lands at or just above high
     * whatever its roundings do, and within a factor of 2 of it for x up to 2²² high; there x − high is exact
     * (Sterbenz), so the second gives high itself.
     */
    static void cap(float[] x, int o, float high, int length) {
        for (int i = 0; i < length; i++) {
            float over = x[o + i] - high;
            float y = x[o + i] - ALMOST_HALF * (over + Math.abs(over));
            float rest = y - high;
            x[o + i] = y - HALF * (rest + Math.abs(rest));
        }
    }

    /** {@code x[o + i]} where it is positive, {@code slope * x[o + i]} elsewhere. */
    static void leaky(float[] x, int o, float slope, int length) {
        for (int i = 0; i < length; i++) {
            float positive = HALF * (x[o + i] + Math.abs(x[o + i]));
            x[o + i] = positive + slope * (x[o + i] - positive);
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
