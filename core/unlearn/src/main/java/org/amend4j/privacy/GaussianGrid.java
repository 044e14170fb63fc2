/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.privacy;

import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;

/**
 * The grid on which noise is exact: multiples of {@code g = 2^exponent}, and noise of g times a discrete Gaussian with the integer
 * parameter {@code units}, so {@code σ = units·g}.
 *
 * <p>It must be the same for the unlearned and for the retrained model, so it is chosen from σ and a <em>public</em> bound on
 * the parameters, never from the parameters themselves.
 *
 * @param exponent of g, in [-1022, 900]
 * @param units σ/g, in [2^20, 2^45]: what is lost against the continuous Gaussian falls with its square
 * @param bound public bound on every parameter's magnitude; above 0, with bound/g below 2^53
 */
public record GaussianGrid(int exponent, long units, double bound) implements Identified {

    private static final int COARSEST = 20;
    private static final int FINEST = 40;
    private static final int MIN_EXPONENT = Double.MIN_EXPONENT;
    private static final int MAX_EXPONENT = 900;
    private static final double EXACT_INTEGERS = 0x1p53;

    /**
     * A bound on the total variation distance between the discrete Gaussian and the rounded continuous one, times units². The
     * leading term is φ(1)/12 = 0.020164; the rest falls with units⁴.
     */
    private static final double VARIATION = 0.0202;

    /** @throws IllegalArgumentException if a component is out of its range */
    public GaussianGrid {
        if (exponent < MIN_EXPONENT || exponent > MAX_EXPONENT) {
            throw new IllegalArgumentException("exponent must be in [-1022, 900], got " + exponent);
        }
        if (units < 1L << COARSEST || units > DiscreteGaussian.MAX_SIGMA) {
            throw new IllegalArgumentException("units must be in [2^20, 2^45], got " + units);
        }
        if (!(bound > 0 && bound / Math.scalb(1.0, exponent) < EXACT_INTEGERS)) {
            throw new IllegalArgumentException(
                    "bound must be above 0 and below 2^53 grid steps of 2^" + exponent + ", got " + bound);
        }
    }

    @Override
    public Facts facts() {
        return Facts.of("GaussianGrid")
                .with("exponent", exponent)
                .with("units", units)
                .with("bound", bound);
    }

    /**
     * The finest grid with g between σ·2^-41 and σ·2^-20 on which parameters up to the bound are exact.
     *
     * @param sigma wanted standard deviation; {@link #sigma()} is at least that, and at most 1e-6 of it more
     * @param bound public bound on every parameter's magnitude
     * @throws ArithmeticException if there is no such grid
     */
    public static GaussianGrid of(double sigma, double bound) {
        checkPositive("sigma", sigma);
        checkPositive("bound", bound);
        for (int bits = FINEST; bits >= COARSEST; bits--) {
            int exponent = Math.getExponent(sigma) - bits;
            if (exponent >= MIN_EXPONENT
                    && exponent <= MAX_EXPONENT
                    && bound / Math.scalb(1.0, exponent) < EXACT_INTEGERS) {
                return new GaussianGrid(exponent, (long) Math.ceil(Math.scalb(sigma, -exponent)), bound);
            }
        }
        throw new ArithmeticException("double precision has no grid of at most sigma/2^20 = "
                + Math.scalb(sigma, -COARSEST) + " that reaches to " + bound);
    }

    /** g. */
    public double step() {
        return Math.scalb(1.0, exponent);
    }

    /** σ of the noise: exactly {@code units·g}. */
    public double sigma() {
        return Math.scalb((double) units, exponent);
    }

    /** {@code g·√d}: what rounding both models to the grid adds to their distance; rounded up. */
    public double sensitivityTerm(int dimension) {
        return Math.nextUp(Math.sqrt(checkDimension(dimension))) * step();
    }

    /**
     * {@code (1 + e^ε)·d·0.0202/units²}: what δ loses because the noise is discrete; rounded up, infinite for large ε.
     */
    public double deltaTerm(double epsilon, int dimension) {
        double variation = checkDimension(dimension) * VARIATION / ((double) units * units);
        return (1 + Math.exp(epsilon)) * variation * (1 + 1e-14);
    }

    /**
     * θ/g, rounded to the nearest integers.
     *
     * @throws ArithmeticException if a parameter is not finite or above the bound; the message has its place, not its value,
     *     which is private
     */
    long[] toGrid(double[] parameters) {
        long[] rounded = new long[parameters.length];
        for (int i = 0; i < parameters.length; i++) {
            if (!(Math.abs(parameters[i]) <= bound)) {
                throw new ArithmeticException("parameter " + i + " of " + parameters.length
                        + " is not finite or above the public bound " + bound);
            }
            rounded[i] = (long) Math.rint(Math.scalb(parameters[i], -exponent));
        }
        return rounded;
    }

    /** {@code n·g}: exact up to 2^53; beyond, rounded to the nearest double, which is a function of what is released. */
    double fromGrid(long n) {
        return Math.scalb((double) n, exponent);
    }

    private static int checkDimension(int dimension) {
        if (dimension < 1) {
            throw new IllegalArgumentException("dimension must be >= 1, got " + dimension);
        }
        return dimension;
    }

    private static void checkPositive(String what, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(what + " must be above 0 and finite, got " + value);
        }
    }
}
