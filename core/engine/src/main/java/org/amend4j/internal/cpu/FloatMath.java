/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

/**
 * Functions of many floats as small loops without branches, calls and casts, which is what HotSpot (17) vectorises. It does so
 * neither with {@code Math.max} (of ints; of floats unless one call site makes four fifths of all calls in the program, and its
 * branches are balanced) nor with conditional expressions: comparisons are done on the bits of numbers, as ints, which arrays are
 * copied to and fro for. Infinite numbers are limits as they should be, and a NaN stays one.
 */
final class FloatMath {

    private static final float LOG2_E = 1.442695f;
    /** ln 2 in two parts; the first, 0.693359375, has few bits, so that its multiples are exact. */
    private static final float LN2_HIGH = 355 / 512f;

    private static final float LN2_LOW = -2.12194440e-4f;
    /** 1.5 · 2²³: adding it rounds to a whole number, which is then in the lowest bits. */
    private static final float ROUNDER = 12582912f;
    /** Beyond it exp is infinite, or below every normal number. */
    private static final float MOST = 88.37626f;
    /** From here on tanh rounds to 1. */
    private static final float SATURATED = 9.5f;

    private static final int MAGNITUDE = 0x7FFFFFFF;
    private static final int INFINITE = 0x7F800000;
    private static final int NAN = 0x7FC00000;
    /** The bits of 2^-100. */
    private static final int NEGLIGIBLE = (127 - 100) << 23;

    /** At a time: arrays that stay in the first cache. */
    private static final int PIECE = 1024;

    private static final ThreadLocal<Work> WORK = ThreadLocal.withInitial(Work::new);

    private FloatMath() {}

    private static final class Work {
        final float[] x = new float[PIECE];
        final float[] other = new float[PIECE];
        final float[] rounded = new float[PIECE];
        final int[] bits = new int[PIECE];
        final int[] mask = new int[PIECE];
    }

    /** What is done with a piece at the front of the work's x; the result is left there. */
    @FunctionalInterface
    private interface OfPiece {
        void compute(Work work, int n);
    }

    private static void inPieces(float[] x, int n, OfPiece piece) {
        Work work = WORK.get();
        for (int from = 0; from < n; from += PIECE) {
            int count = Math.min(PIECE, n - from);
            System.arraycopy(x, from, work.x, 0, count);
            piece.compute(work, count);
            System.arraycopy(work.x, 0, x, from, count);
        }
    }

    private static void toBits(float[] x, int[] bits, int n) {
        RawMemory.reinterpret(x, RawMemory.FLOATS, bits, RawMemory.INTS, (long) n * Float.BYTES);
    }

    private static void fromBits(int[] bits, float[] x, int n) {
        RawMemory.reinterpret(bits, RawMemory.INTS, x, RawMemory.FLOATS, (long) n * Float.BYTES);
    }

    /** x = x where kept is all ones, 0 where it is 0. */
    static void keep(float[] x, int[] kept, int n) {
        Work work = WORK.get();
        for (int from = 0; from < n; from += PIECE) {
            int count = Math.min(PIECE, n - from);
            long at = RawMemory.FLOATS + (long) from * Float.BYTES;
            RawMemory.reinterpret(x, at, work.bits, RawMemory.INTS, (long) count * Float.BYTES);
            System.arraycopy(kept, from, work.mask, 0, count);
            and(work.bits, work.mask, count);
            RawMemory.reinterpret(work.bits, RawMemory.INTS, x, at, (long) count * Float.BYTES);
        }
    }

    private static void and(int[] bits, int[] mask, int n) {
        for (int i = 0; i < n; i++) {
            bits[i] &= mask[i];
        }
    }

    /** x = min(max(x, 0), most). */
    static void rectify(float[] x, float most, int n) {
        int limit = Float.floatToRawIntBits(most);
        int[] bits = WORK.get().bits;
        for (int from = 0; from < n; from += PIECE) {
            int count = Math.min(PIECE, n - from);
            long at = RawMemory.FLOATS + (long) from * Float.BYTES;
            RawMemory.reinterpret(x, at, bits, RawMemory.INTS, (long) count * Float.BYTES);
            rectify(bits, limit, count);
            RawMemory.reinterpret(bits, RawMemory.INTS, x, at, (long) count * Float.BYTES);
        }
    }

    private static void rectify(int[] bits, int limit, int n) {
        for (int i = 0; i < n; i++) {
            int b = bits[i];
            int nan = (INFINITE - (b & MAGNITUDE)) >> 31;
            int over = (b & ~(b >> 31)) - limit;
            bits[i] = limit + (over & (over >> 31)) | (nan & NAN);
        }
    }

    /** x = x where it is within ±limit, else the limit of its sign. */
    static void clamp(float[] x, float limit, int n) {
        inPieces(x, n, (work, count) -> clamp(work.x, work.bits, limit, count));
    }

    /**
     * The same at once.
     *
     * @param bits as long, for what happens between
     */
    static void clamp(float[] x, int[] bits, float limit, int n) {
        toBits(x, bits, n);
        clampMagnitudes(bits, Float.floatToRawIntBits(limit), n);
        fromBits(bits, x, n);
    }

    private static void clampMagnitudes(int[] bits, int limit, int n) {
        for (int i = 0; i < n; i++) {
            int b = bits[i];
            int magnitude = b & MAGNITUDE;
            int nan = (INFINITE - magnitude) >> 31;
            int over = magnitude - limit;
            bits[i] = (b & ~MAGNITUDE) | limit + (over & (over >> 31)) | (nan & NAN);
        }
    }

    /** x = x where it is above 0, else slope · x. */
    static void leaky(float[] x, float slope, int n) {
        timesStep(x, x, slope, n);
    }

    /** x *= 1 where z is above 0, else slope; NaN where z is. */
    static void timesStep(float[] x, float[] z, float slope, int n) {
        timesWithin(x, z, 0, Float.POSITIVE_INFINITY, 1, slope, n);
    }

    /**
     * x *= inside where {@code least < z} and ({@code z < most} or most is infinite), else outside; NaN where z is.
     *
     * @param least 0, or −most
     */
    static void timesWithin(float[] x, float[] z, float least, float most, float inside, float outside, int n) {
        Work work = WORK.get();
        int limit = most == Float.POSITIVE_INFINITY ? INFINITE + 1 : Float.floatToRawIntBits(most);
        int in = Float.floatToRawIntBits(inside);
        int out = Float.floatToRawIntBits(outside);
        for (int from = 0; from < n; from += PIECE) {
            int count = Math.min(PIECE, n - from);
            System.arraycopy(z, from, work.other, 0, count);
            toBits(work.other, work.bits, count);
            if (least < 0) {
                choose(work.bits, limit, in, out, count);
            } else {
                choosePositive(work.bits, limit, in, out, count);
            }
            fromBits(work.bits, work.other, count);
            System.arraycopy(x, from, work.x, 0, count);
            multiply(work.x, work.other, count);
            System.arraycopy(work.x, 0, x, from, count);
        }
    }

    private static void choosePositive(int[] bits, int limit, int in, int out, int n) {
        for (int i = 0; i < n; i++) {
            int b = bits[i];
            int nan = (INFINITE - (b & MAGNITUDE)) >> 31;
            int within = ~((b - 1) >> 31) & ~(b >> 31) & ((b - limit) >> 31);
            bits[i] = (within & in) | (~within & out) | (nan & NAN);
        }
    }

    private static void choose(int[] bits, int limit, int in, int out, int n) {
        for (int i = 0; i < n; i++) {
            int magnitude = bits[i] & MAGNITUDE;
            int nan = (INFINITE - magnitude) >> 31;
            int within = (magnitude - limit) >> 31;
            bits[i] = (within & in) | (~within & out) | (nan & NAN);
        }
    }

    private static void multiply(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            x[i] *= y[i];
        }
    }

    /**
     * x = exp x, relative error below 2e-7; 0 below -87.7, so that no subnormal number slows down what follows, and 2.4e38 from 88.4
     * on.
     */
    static void exp(float[] x, int n) {
        inPieces(x, n, FloatMath::expOf);
    }

    private static void expOf(Work work, int n) {
        clamp(work.x, work.bits, MOST, n);
        expWithin(work.x, work.rounded, work.bits, n);
    }

    /**
     * x = exp x of numbers within ±88, at once.
     *
     * @param rounded as long, for what happens between
     * @param bits as long
     */
    static void expWithin(float[] x, float[] rounded, int[] bits, int n) {
        round(x, rounded, n);
        toBits(rounded, bits, n);
        remainders(x, rounded, n);
        polynomial(x, n);
        powers(bits, n);
        fromBits(bits, rounded, n);
        multiply(x, rounded, n);
    }

    private static void round(float[] x, float[] rounded, int n) {
        for (int i = 0; i < n; i++) {
            rounded[i] = x[i] * LOG2_E + ROUNDER;
        }
    }

    private static void remainders(float[] x, float[] rounded, int n) {
        for (int i = 0; i < n; i++) {
            float whole = rounded[i] - ROUNDER;
            x[i] = x[i] - whole * LN2_HIGH - whole * LN2_LOW;
        }
    }

    /** exp r for |r| ≤ ln 2 / 2 (Cephes). */
    private static void polynomial(float[] r, int n) {
        for (int i = 0; i < n; i++) {
            float x = r[i];
            float p = ((((1.9875691e-4f * x + 1.3982e-3f) * x + 8.333452e-3f) * x + 4.1665796e-2f) * x + 1.6666666e-1f)
                            * x
                    + 0.5f;
            r[i] = p * x * x + x + 1;
        }
    }

    /** From the bits of rounded numbers to those of powers of two; that of -127 is 0. The rounder's own bits are shifted out. */
    private static void powers(int[] bits, int n) {
        for (int i = 0; i < n; i++) {
            bits[i] = (bits[i] + 127) << 23;
        }
    }

    /** x = 1/(1 + exp(-x)); 0 below -69, so that no product with it is subnormal. */
    static void sigmoid(float[] x, int n) {
        inPieces(x, n, FloatMath::sigmoidOf);
    }

    private static void sigmoidOf(Work work, int n) {
        float[] x = work.x;
        for (int i = 0; i < n; i++) {
            x[i] = -x[i];
        }
        expOf(work, n);
        for (int i = 0; i < n; i++) {
            x[i] = 1 / (1 + x[i]);
        }
        toBits(x, work.bits, n);
        flush(work.bits, n);
        fromBits(work.bits, x, n);
    }

    /** 0 where a magnitude is below 2^-100; a NaN of either sign stays one. */
    private static void flush(int[] bits, int n) {
        for (int i = 0; i < n; i++) {
            int b = bits[i];
            bits[i] = b & ~(((b & MAGNITUDE) - NEGLIGIBLE) >> 31);
        }
    }

    /** x = x · sigmoid(slope · x). */
    static void timesSigmoid(float[] x, double slope, int n) {
        float s = (float) slope;
        inPieces(x, n, (work, count) -> {
            System.arraycopy(work.x, 0, work.other, 0, count);
            scale(work.x, s, count);
            sigmoidOf(work, count);
            multiply(work.x, work.other, count);
        });
    }

    /** d *= the derivative of z · sigmoid(slope · z), which is s(1 + v(1 - s)) with v = slope · z and s = sigmoid(v); z is lost. */
    static void timesSwishDerivative(float[] d, float[] z, double slope, int n) {
        scale(z, (float) slope, n);
        Work work = WORK.get();
        for (int from = 0; from < n; from += PIECE) {
            int count = Math.min(PIECE, n - from);
            System.arraycopy(z, from, work.x, 0, count);
            System.arraycopy(z, from, work.other, 0, count);
            sigmoidOf(work, count);
            swishDerivative(work.other, work.x, count);
            System.arraycopy(d, from, work.x, 0, count);
            multiply(work.x, work.other, count);
            System.arraycopy(work.x, 0, d, from, count);
        }
    }

    /** v = s(1 + v(1 - s)). */
    private static void swishDerivative(float[] v, float[] s, int n) {
        for (int i = 0; i < n; i++) {
            v[i] = s[i] * (1 + v[i] * (1 - s[i]));
        }
    }

    /**
     * (high, low) += (factor + rest) · x, unevaluated sums of two floats: the product's error by a fused multiply-add, the sum's by TwoSum (Knuth), then
     * the two made one float and a remainder again.
     *
     * @param rest what is left of a factor that is no float
     */
    static void addTo(float[] x, float factor, float rest, float[] high, float[] low, int n) {
        for (int i = 0; i < n; i++) {
            float product = factor * x[i];
            float lost = Math.fma(factor, x[i], -product) + rest * x[i];
            float sum = high[i] + product;
            float part = sum - high[i];
            float error = (high[i] - (sum - part)) + (product - part);
            float remainder = low[i] + (error + lost);
            high[i] = sum + remainder;
            low[i] = remainder - (high[i] - sum);
        }
    }

    private static void scale(float[] x, float factor, int n) {
        for (int i = 0; i < n; i++) {
            x[i] *= factor;
        }
    }

    /**
     * x = tanh x with a relative error below 1e-6. tanh u = p/q by Lambert's continued fraction up to 13 for u = x/8, then thrice
     * tanh 2u = 2pq/(p² + q²): doubling never enlarges a relative error, it changes by the factor (1 - t²)/(1 + t²).
     */
    static void tanh(float[] x, int n) {
        inPieces(x, n, (work, count) -> {
            clamp(work.x, work.bits, SATURATED, count);
            tanhWithin(work.x, count);
        });
    }

    private static void tanhWithin(float[] x, int n) {
        for (int i = 0; i < n; i++) {
            float u = x[i] * 0.125f;
            float s = u * u;
            float p = u * (1 + s * (17325.0f / 135135 + s * (378.0f / 135135 + s * (1.0f / 135135))));
            float q = 1 + s * (62370.0f / 135135 + s * (3150.0f / 135135 + s * (28.0f / 135135)));
            float p2 = 2 * p * q;
            float q2 = p * p + q * q;
            float p4 = 2 * p2 * q2;
            float q4 = p2 * p2 + q2 * q2;
            x[i] = 2 * p4 * q4 / (p4 * p4 + q4 * q4);
        }
    }
}
