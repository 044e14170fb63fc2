/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.util.SplittableRandom;

/** Pseudo-random numbers that are the same on every machine: all of the arithmetic is strict. */
final class RandomDraws {

    private final SplittableRandom bits;

    RandomDraws(long seed) {
        bits = new SplittableRandom(seed);
    }

    /** Uniform on the multiples of 2^-53 in [0, 1). */
    double uniform() {
        return (bits.nextLong() >>> 11) * 0x1p-53;
    }

    /** Standard normal (Box and Muller 1958). */
    double normal() {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform()));
        return radius * StrictMath.cos(2 * Math.PI * uniform());
    }

    /**
     * Gamma with scale 1, by rejection from a cubed normal (Marsaglia and Tsang, "A simple method for generating gamma
     * variables", 2000); below shape 1 as {@code gamma(shape + 1)·U^(1/shape)}.
     *
     * @param shape > 0
     */
    double gamma(double shape) {
        if (shape < 1) {
            return gamma(shape + 1) * StrictMath.pow(1 - uniform(), 1 / shape);
        }
        double d = shape - 1.0 / 3;
        double c = 1 / StrictMath.sqrt(9 * d);
        while (true) {
            double x = normal();
            double v = 1 + c * x;
            if (v > 0) {
                v = v * v * v;
                if (StrictMath.log(1 - uniform()) < x * x / 2 + d - d * v + d * StrictMath.log(v)) {
                    return d * v;
                }
            }
        }
    }

    /**
     * Dirichlet with equal concentrations: shares that sum to 1.
     *
     * @param size how many shares, at least 1
     * @param concentration of each, > 0
     */
    double[] dirichlet(int size, double concentration) {
        double[] shares = new double[size];
        double sum = 0;
        for (int k = 0; k < size; k++) {
            shares[k] = gamma(concentration);
            sum += shares[k];
        }
        for (int k = 0; k < size; k++) {
            shares[k] /= sum;
        }
        return shares;
    }
}
