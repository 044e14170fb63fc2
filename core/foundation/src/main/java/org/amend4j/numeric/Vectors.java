/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

import java.util.Random;

/**
 * Sums over vectors, in a fixed order: equal vectors give equal bytes. Lengths are not checked.
 *
 * <p>There are four norms because numbers in files depend on their last bits: new code uses {@link #norm}, or
 * {@link #compensatedNorm} where long vectors must not lose digits.
 */
public final class Vectors {

    private static final double SAFE_LOW = 1e-140;
    private static final double SAFE_HIGH = 1e140;

    private Vectors() {}

    /**
     * Refuses a vector of another length.
     *
     * @param what names it in the message, as in "the gradient"
     */
    public static void requireLength(String what, double[] vector, int dimension) {
        if (vector.length != dimension) {
            throw new IllegalArgumentException(what + " must have " + dimension + " elements, got " + vector.length);
        }
    }

    /** {@code xᵀy}, in four interleaved sums, which a processor adds at the same time. */
    public static double dot(double[] x, double[] y) {
        return dot(x, 0, y, 0, x.length);
    }

    /** The same of {@code length} elements from given places on. */
    public static double dot(double[] x, int xFrom, double[] y, int yFrom, int length) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = 0;
        for (; i + 3 < length; i += 4) {
            a += x[xFrom + i] * y[yFrom + i];
            b += x[xFrom + i + 1] * y[yFrom + i + 1];
            c += x[xFrom + i + 2] * y[yFrom + i + 2];
            d += x[xFrom + i + 3] * y[yFrom + i + 3];
        }
        for (; i < length; i++) {
            a += x[xFrom + i] * y[yFrom + i];
        }
        return (a + b) + (c + d);
    }

    /** {@code ‖x‖}, also where the squares over- or underflow; NaN or infinite if an element is. */
    public static double norm(double[] x) {
        double norm = Math.sqrt(dot(x, x));
        if ((norm > SAFE_LOW && norm < SAFE_HIGH) || Double.isNaN(norm)) {
            return norm;
        }
        double largest = 0;
        for (double element : x) {
            largest = Math.max(largest, Math.abs(element));
        }
        if (largest == 0 || Double.isInfinite(largest)) {
            return largest;
        }
        double sum = 0;
        for (double element : x) {
            sum += (element / largest) * (element / largest);
        }
        return largest * Math.sqrt(sum);
    }

    /**
     * {@code ‖x‖} with squares added left to right, one rounding each, as an ordinary loop does: off by at most n/2 + 1 units of
     * rounding, in either direction, if no square over- or underflows.
     */
    public static double normInOrder(double[] x) {
        double squares = 0;
        for (double element : x) {
            squares += element * element;
        }
        return Math.sqrt(squares);
    }

    /** {@code ‖x‖} from {@link #squares}: off by about two units of rounding, in either direction. */
    public static double compensatedNorm(double[] x) {
        return Math.sqrt(squares(x, 0, x.length));
    }

    /**
     * The same after the last correction of the sum: the number that Java's own {@code DoubleStream.sum} of the squares has
     * given since 17, where other versions may give another.
     */
    public static double correctedNorm(double[] x) {
        CompensatedSum sum = new CompensatedSum();
        for (double element : x) {
            sum.add(element * element);
        }
        return Math.sqrt(overflowed(sum.corrected(), x, 0, x.length));
    }

    /** The sum of squares of {@code x[from]} to {@code x[to - 1]}, by compensated summation: off by a few units. */
    public static double squares(double[] x, int from, int to) {
        CompensatedSum sum = new CompensatedSum();
        for (int i = from; i < to; i++) {
            sum.add(x[i] * x[i]);
        }
        return overflowed(sum.value(), x, from, to);
    }

    /** An overflow leaves ∞ - ∞ behind. */
    private static double overflowed(double sum, double[] x, int from, int to) {
        return Double.isNaN(sum) && !hasNaN(x, from, to) ? Double.POSITIVE_INFINITY : sum;
    }

    private static boolean hasNaN(double[] x, int from, int to) {
        for (int i = from; i < to; i++) {
            if (Double.isNaN(x[i])) {
                return true;
            }
        }
        return false;
    }

    /** {@code y ← y + a·x}. */
    public static void add(double a, double[] x, double[] y) {
        for (int i = 0; i < y.length; i++) {
            y[i] += a * x[i];
        }
    }

    /** {@code x ← x/divisor}. */
    public static void divide(double[] x, double divisor) {
        for (int i = 0; i < x.length; i++) {
            x[i] /= divisor;
        }
    }

    /** A direction that is uniform on the unit sphere. */
    public static double[] randomUnit(int dimension, Random random) {
        double[] x = new double[dimension];
        double norm;
        do {
            for (int i = 0; i < dimension; i++) {
                x[i] = random.nextGaussian();
            }
            norm = norm(x);
        } while (norm == 0);
        divide(x, norm);
        return x;
    }
}
