/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

/**
 * The exponential function of many numbers at a time, with the bytes of {@link StrictMath#exp}. It is the same computation (fdlibm's: k is the
 * integer nearest to x/ln 2, a rational approximation is made at x - k·ln 2), but laid out as one loop without branches, which HotSpot
 * vectorises, and one that multiplies by 2^k. Not thread-safe: it has scratch.
 */
public final class Exponentials {

    private static final double INVERSE_LN_2 = 0x1.71547652b82fep0;
    private static final double LN_2_HIGH = 0x1.62e42feep-1;
    private static final double LN_2_LOW = 0x1.a39ef35793c76p-33;
    private static final double P1 = 0x1.555555555553ep-3;
    private static final double P2 = -0x1.6c16c16bebd93p-9;
    private static final double P3 = 0x1.1566aaf25de2cp-14;
    private static final double P4 = -0x1.bbd41c5d26bf1p-20;
    private static final double P5 = 0x1.6376972bea4d0p-25;

    /** Where fdlibm answers 1 + x at once. */
    private static final double TINY = -0x1p-28;

    /** Where fdlibm begins to reduce: it compares upper halves of numbers, so that this is a little beyond -ln 2/2. */
    private static final double REDUCED = -0x1.62e43p-2;

    /** The least k for which 2^k times the approximation is a normal number. */
    private static final double LEAST_POWER = -1021;

    private static final int BIAS = 1023;
    private static final int MANTISSA_BITS = 52;

    private final double[] powers;
    private final double[] mantissas;

    /**
     * For so many numbers at a time.
     *
     * @param most how many, >= 0
     */
    public Exponentials(int most) {
        powers = new double[most];
        mantissas = new double[most];
    }

    /**
     * Overwrites the first {@code count} of {@code x} with their exponentials.
     *
     * @param x at most 0 each, or NaN
     */
    public void ofNonPositive(double[] x, int count) {
        for (int i = 0; i < count; i++) {
            double value = x[i];
            double k = Math.ceil(INVERSE_LN_2 * value - 0.5);
            double high = value - k * LN_2_HIGH;
            double low = k * LN_2_LOW;
            double rest = high - low;
            double square = rest * rest;
            double c = rest - square * (P1 + square * (P2 + square * (P3 + square * (P4 + square * P5))));
            powers[i] = k;
            mantissas[i] = 1 - ((low - (rest * c) / (2 - c)) - high);
        }
        for (int i = 0; i < count; i++) {
            double value = x[i];
            double k = powers[i];
            boolean usual = value <= TINY && k >= LEAST_POWER && !(k == -1 && value > REDUCED);
            x[i] = usual ? mantissas[i] * power((int) k) : StrictMath.exp(value);
        }
    }

    /** 2^k of a normal number. */
    private static double power(int k) {
        return Double.longBitsToDouble((long) (k + BIAS) << MANTISSA_BITS);
    }
}
