package org.amend4j.numeric;

import java.util.Random;

/** Sums over vectors, in a fixed order: equal vectors give equal bytes. Lengths are not checked. */
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
