package org.amend4j.privacy;

import java.math.BigInteger;

/**
 * The discrete Gaussian: integers k with probability proportional to {@code exp(-k²/(2σ²))}, σ a positive integer. Drawn exactly,
 * with integers only (Canonne, Kamath, Steinke, NeurIPS 2020, algorithms 1 to 3). How long a draw takes depends on what is
 * drawn: let nobody time it.
 */
final class DiscreteGaussian {

    /** Noise and parameters below 2^53 then add up far from a long's end. */
    static final long MAX_SIGMA = 1L << 45;

    private final Chance chance;
    private final long scale;
    private final BigInteger bigScale;
    private final BigInteger variance;
    private final BigInteger denominator;

    /** @param sigma in [1, 2^45] */
    DiscreteGaussian(Chance chance, long sigma) {
        if (sigma < 1 || sigma > MAX_SIGMA) {
            throw new IllegalArgumentException("sigma must be in [1, 2^45], got " + sigma);
        }
        this.chance = chance;
        this.scale = sigma + 1;
        this.bigScale = BigInteger.valueOf(scale);
        this.variance = BigInteger.valueOf(sigma).pow(2);
        this.denominator = variance.shiftLeft(1).multiply(bigScale.pow(2));
    }

    /** A Laplace proposal of scale {@code t = σ+1}, kept with probability {@code exp(-(|Y| - σ²/t)²/(2σ²))}. */
    long next() {
        while (true) {
            long proposal = laplace(chance, scale);
            BigInteger off =
                    BigInteger.valueOf(Math.abs(proposal)).multiply(bigScale).subtract(variance);
            if (happensWithExp(chance, off.multiply(off), denominator)) {
                return proposal;
            }
        }
    }

    /** Integers k with probability proportional to {@code exp(-|k|/scale)}. */
    static long laplace(Chance chance, long scale) {
        BigInteger bigScale = BigInteger.valueOf(scale);
        while (true) {
            long remainder = chance.below(scale);
            if (!happensWithExp(chance, BigInteger.valueOf(remainder), bigScale)) {
                continue;
            }
            long quotient = 0;
            while (happensWithExp(chance, BigInteger.ONE, BigInteger.ONE)) {
                quotient++;
            }
            long size = Math.addExact(remainder, Math.multiplyExact(scale, quotient));
            boolean negative = chance.below(2) == 1;
            // Zero would come up twice as often as it should, as +0 and as -0.
            if (size > 0 || !negative) {
                return negative ? -size : size;
            }
        }
    }

    /** True with probability exactly {@code e^-γ}, {@code γ = numerator/denominator >= 0}. */
    static boolean happensWithExp(Chance chance, BigInteger numerator, BigInteger denominator) {
        BigInteger[] parts = numerator.divideAndRemainder(denominator);
        for (BigInteger left = parts[0]; left.signum() > 0; left = left.subtract(BigInteger.ONE)) {
            if (!happensWithExpBelowOne(chance, BigInteger.ONE, BigInteger.ONE)) {
                return false;
            }
        }
        return happensWithExpBelowOne(chance, parts[1], denominator);
    }

    /**
     * For {@code γ <= 1}: draws with probabilities γ/1, γ/2, γ/3, … until the first failure, which is the k-th with probability
     * {@code γ^(k-1)/(k-1)! - γ^k/k!}; summed over odd k that is e^-γ.
     */
    private static boolean happensWithExpBelowOne(Chance chance, BigInteger numerator, BigInteger denominator) {
        BigInteger scaled = denominator;
        boolean odd = true;
        while (chance.happens(numerator, scaled)) {
            scaled = scaled.add(denominator);
            odd = !odd;
        }
        return odd;
    }
}
