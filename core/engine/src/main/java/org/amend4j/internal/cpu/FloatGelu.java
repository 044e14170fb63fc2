/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

/**
 * GELU of many floats in its exact form x·Φ(x), with the normal distribution function Φ, and in the form with a hyperbolic tangent
 * (Hendrycks and Gimpel, arXiv 1606.08415), as loops like those of {@link FloatMath}. A NaN stays one.
 */
final class FloatGelu {

    /** At a time: arrays that stay in the first cache. */
    private static final int PIECE = 1024;
    /** Where the ratio below gives 0 and 1 exactly, as it should beyond: Φ(−5.28) is 6e-8, a rounding of a half. */
    private static final float SATURATED = 5.28f;
    /** Beyond it all derivatives are 0 or 1; exp of minus half its square, 88.05, is the first that is 0. */
    private static final float STEADY = 13.27f;

    private static final float ROOT_HALF = 0.70710677f;
    /** 1/√(2π). */
    private static final float DENSITY = 0.3989423f;
    /** 1 + tanh u = 2 sigmoid(2u). */
    private static final float SLOPE = (float) (2 * Functions.GELU_SLOPE);

    private static final float CUBE = (float) Functions.GELU_CUBE;

    private static final ThreadLocal<Work> WORK = ThreadLocal.withInitial(Work::new);

    private FloatGelu() {}

    private static final class Work {
        final float[] x = new float[PIECE];
        final float[] factor = new float[PIECE];
        final float[] more = new float[PIECE];
        final float[] divisor = new float[PIECE];
        final int[] bits = new int[PIECE];
    }

    /** What is done with a piece at the front of the work's x; a factor for each is left. */
    @FunctionalInterface
    private interface OfPiece {
        void compute(Work work, int n);
    }

    /** x = x · factor(x). */
    private static void times(float[] x, int n, OfPiece factors) {
        timesFactors(x, x, n, factors);
    }

    /** d = d · factor(z). */
    private static void timesFactors(float[] d, float[] z, int n, OfPiece factors) {
        Work work = WORK.get();
        for (int from = 0; from < n; from += PIECE) {
            int count = Math.min(PIECE, n - from);
            System.arraycopy(z, from, work.x, 0, count);
            factors.compute(work, count);
            System.arraycopy(d, from, work.x, 0, count);
            multiply(work.x, work.factor, count);
            System.arraycopy(work.x, 0, d, from, count);
        }
    }

    private static void multiply(float[] x, float[] y, int n) {
        for (int i = 0; i < n; i++) {
            x[i] *= y[i];
        }
    }

    /** x = x·Φ(x), with an error below 4e-7 · max(1, |x|), and of 0 for x below −5.28. */
    static void exact(float[] x, int n) {
        times(x, n, FloatGelu::distribution);
    }

    /** d *= Φ(z) + z·φ(z). */
    static void timesExactDerivative(float[] d, float[] z, int n) {
        timesFactors(d, z, n, FloatGelu::exactDerivative);
    }

    /** x = x·sigmoid(2u), u = √(2/π)(x + 0.044715x³). */
    static void tanh(float[] x, int n) {
        times(x, n, FloatGelu::sigmoid);
    }

    /** d *= s + 2z·s(1 − s)·u' with s = sigmoid(2u). */
    static void timesTanhDerivative(float[] d, float[] z, int n) {
        timesFactors(d, z, n, FloatGelu::tanhDerivative);
    }

    /** Φ. */
    private static void distribution(Work work, int n) {
        System.arraycopy(work.x, 0, work.factor, 0, n);
        FloatMath.clamp(work.factor, work.bits, SATURATED, n);
        halfSquare(work.factor, work.more, n);
        divisor(work.more, work.divisor, n);
        dividend(work.more, n);
        aroundHalf(work.factor, work.more, work.divisor, n);
    }

    private static void halfSquare(float[] x, float[] s, int n) {
        for (int i = 0; i < n; i++) {
            s[i] = x[i] * x[i] * 0.5f;
        }
    }

    /** erf v = v·P(v²)/Q(v²) for |v| ≤ 3.92: Q. */
    private static void divisor(float[] s, float[] q, int n) {
        for (int i = 0; i < n; i++) {
            float v = s[i];
            q[i] = ((((3.8093265e-05f * v + 0.001162321f) * v + 0.014967342f) * v + 0.11409994f) * v + 0.5020563f) * v
                    + 1;
        }
    }

    private static void dividend(float[] s, int n) {
        for (int i = 0; i < n; i++) {
            float v = s[i];
            s[i] = ((((2.0503144e-06f * v + 0.00028486687f) * v + 0.0037646897f) * v + 0.05274584f) * v + 0.19038412f)
                            * v
                    + 1.1283791f;
        }
    }

    private static void aroundHalf(float[] x, float[] p, float[] q, int n) {
        for (int i = 0; i < n; i++) {
            x[i] = 0.5f + 0.5f * ROOT_HALF * x[i] * p[i] / q[i];
        }
    }

    private static void exactDerivative(Work work, int n) {
        FloatMath.clamp(work.x, work.bits, STEADY, n);
        distribution(work, n);
        minusHalfSquare(work.x, work.more, n);
        FloatMath.expWithin(work.more, work.divisor, work.bits, n);
        addDensity(work.factor, work.x, work.more, n);
    }

    private static void minusHalfSquare(float[] x, float[] s, int n) {
        for (int i = 0; i < n; i++) {
            s[i] = x[i] * x[i] * -0.5f;
        }
    }

    private static void addDensity(float[] factor, float[] x, float[] e, int n) {
        for (int i = 0; i < n; i++) {
            factor[i] += DENSITY * x[i] * e[i];
        }
    }

    private static void sigmoid(Work work, int n) {
        System.arraycopy(work.x, 0, work.factor, 0, n);
        FloatMath.clamp(work.factor, work.bits, STEADY, n);
        inner(work.factor, n);
        FloatMath.sigmoid(work.factor, n);
    }

    /** 2u. */
    private static void inner(float[] x, int n) {
        for (int i = 0; i < n; i++) {
            x[i] = SLOPE * x[i] * (1 + CUBE * x[i] * x[i]);
        }
    }

    private static void tanhDerivative(Work work, int n) {
        FloatMath.clamp(work.x, work.bits, STEADY, n);
        sigmoid(work, n);
        addSlope(work.factor, work.x, n);
    }

    private static void addSlope(float[] s, float[] x, int n) {
        for (int i = 0; i < n; i++) {
            s[i] += s[i] * (1 - s[i]) * SLOPE * x[i] * (1 + 3 * CUBE * x[i] * x[i]);
        }
    }
}
