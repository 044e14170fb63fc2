/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.privacy;

import java.math.BigInteger;

/** Exact random choices; everything random in this package is made of {@link #below} and {@link #happens}. */
interface Chance {

    /** Uniform on {0, …, bound - 1}; {@code bound >= 1}. */
    long below(long bound);

    /** True with probability exactly {@code numerator/denominator}, which is in [0, 1]. */
    boolean happens(BigInteger numerator, BigInteger denominator);

    /** True with probability exactly {@code e^-γ}, {@code γ = numerator/denominator >= 0} (Canonne et al., algorithm 1). */
    default boolean happensWithExp(BigInteger numerator, BigInteger denominator) {
        BigInteger[] parts = numerator.divideAndRemainder(denominator);
        for (BigInteger left = parts[0]; left.signum() > 0; left = left.subtract(BigInteger.ONE)) {
            if (!happensWithExpBelowOne(BigInteger.ONE, BigInteger.ONE)) {
                return false;
            }
        }
        return happensWithExpBelowOne(parts[1], denominator);
    }

    /**
     * For {@code γ <= 1}: draws with probabilities γ/1, γ/2, γ/3, … until the first failure, which is the k-th with probability
     * {@code γ^(k-1)/(k-1)! - γ^k/k!}; summed over odd k that is e^-γ.
     */
    private boolean happensWithExpBelowOne(BigInteger numerator, BigInteger denominator) {
        BigInteger scaled = denominator;
        boolean odd = true;
        while (happens(numerator, scaled)) {
            scaled = scaled.add(denominator);
            odd = !odd;
        }
        return odd;
    }
}
