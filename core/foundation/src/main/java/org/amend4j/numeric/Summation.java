/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

/** The order in which n numbers are added, which determines the error bound of their sum (Higham, Accuracy and Stability, chapter 4). */
public enum Summation {
    /** Any order, one addition a time, any number of threads: BLAS. */
    NAIVE {
        @Override
        double bound(long terms) {
            double nu = terms * UNIT;
            return nu / (1 - nu);
        }
    },
    /** Halves, each added in the same way down to single numbers. */
    PAIRWISE {
        @Override
        double bound(long terms) {
            double nu = (Long.SIZE - Long.numberOfLeadingZeros(terms - 1)) * UNIT;
            return nu / (1 - nu);
        }
    },
    /** Kahan's, or any that is at least as good. */
    COMPENSATED {
        @Override
        double bound(long terms) {
            return 2 * UNIT + 2 * terms * UNIT * (terms * UNIT);
        }
    };

    /** Half the distance from 1 to the next double: 2^-53. */
    public static final double UNIT = 0x1p-53;

    private static final long MAX_TERMS = 1L << 40;

    /**
     * γ with {@code |computed - exact| <= γ·Σ|terms|}, rounded up.
     *
     * @param terms in [1, 2^40]
     */
    public double relativeError(long terms) {
        if (terms < 1 || terms > MAX_TERMS) {
            throw new IllegalArgumentException("terms must be in [1, 2^40], got " + terms);
        }
        return bound(terms) * (1 + 1e-14);
    }

    abstract double bound(long terms);
}
