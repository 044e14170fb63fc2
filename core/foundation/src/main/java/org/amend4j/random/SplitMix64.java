/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.random;

import org.amend4j.internal.validation.Checks;

/**
 * The generator of all environments: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). State s; each draw sets s to
 * s + 0x9E3779B97F4A7C15 and mixes it. Implemented here, so that a seed gives the same numbers on every Java version. Not
 * cryptographically secure. Not thread-safe.
 */
public final class SplitMix64 {

    private static final double UNIT = 0x1.0p-53;
    private static final long INCREMENT = 0x9E3779B97F4A7C15L;

    private long state;

    /** Every seed is allowed. */
    public SplitMix64(long seed) {
        state = seed;
    }

    /** Its complete state: {@code new SplitMix64(state())} continues as this one does. */
    public long state() {
        return state;
    }

    /**
     * What {@link #nextLong} gives after so many draws from a seed, found without these.
     *
     * @param earlier how many; any number, modulo 2⁶⁴
     */
    public static long draw(long seed, long earlier) {
        return mixed(seed + (earlier + 1) * INCREMENT);
    }

    /** All 64 bits. */
    public long nextLong() {
        state += INCREMENT;
        return mixed(state);
    }

    private static long mixed(long state) {
        long z = state;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** In [0, 1): the top 53 bits of a draw. */
    public double nextDouble() {
        return (nextLong() >>> 11) * UNIT;
    }

    /**
     * In [low, high], low + (high - low) u with u of {@link #nextDouble}; high itself only by rounding.
     *
     * @throws IllegalArgumentException if a bound or their distance is not finite, or low is above high
     */
    public double uniform(double low, double high) {
        if (!Double.isFinite(high - low) || low > high) {
            throw new IllegalArgumentException(
                    "uniform needs low <= high and a finite distance, got [" + low + ", " + high + "]");
        }
        return Math.min(high, low + (high - low) * nextDouble());
    }

    /** In {0, ..., bound - 1}, exactly uniform: draws from the incomplete last block are rejected. */
    public int nextInt(int bound) {
        Checks.atLeast(1, "bound", bound);
        long last = (1L << 31) / bound * bound;
        long draw = nextLong() >>> 33;
        while (draw >= last) {
            draw = nextLong() >>> 33;
        }
        return (int) (draw % bound);
    }

    /** Standard normal, by Marsaglia's polar method with {@link StrictMath}; the second number of each pair is not kept. */
    public double nextGaussian() {
        double u;
        double s;
        do {
            u = 2 * nextDouble() - 1;
            double v = 2 * nextDouble() - 1;
            s = u * u + v * v;
        } while (s >= 1 || s == 0);
        return u * StrictMath.sqrt(-2 * StrictMath.log(s) / s);
    }

    /** The index i with probability weights[i]; weights are not negative and sum to 1 but for rounding. */
    public int index(double[] weights) {
        double u = nextDouble();
        double sum = 0;
        int last = 0;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] > 0) {
                sum += weights[i];
                last = i;
                if (u < sum) {
                    return i;
                }
            }
        }
        return last;
    }
}
