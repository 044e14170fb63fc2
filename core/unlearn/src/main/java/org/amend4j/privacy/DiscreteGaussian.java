/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.privacy;

import java.math.BigInteger;
import java.util.OptionalLong;

/**
 * The discrete Gaussian: integers k with probability proportional to {@code exp(-k²/(2σ²))}, σ a positive integer. Drawn exactly,
 * with integers only (Canonne, Kamath, Steinke, NeurIPS 2020, algorithms 1 to 3). The time that a draw takes depends on its value: it must
 * not be measurable from outside.
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

    /** One draw. */
    long next() {
        OptionalLong drawn = attempt();
        while (drawn.isEmpty()) {
            drawn = attempt();
        }
        return drawn.getAsLong();
    }

    /** A Laplace proposal Y of scale {@code t = σ+1}, kept with probability {@code exp(-(|Y| - σ²/t)²/(2σ²))}. */
    OptionalLong attempt() {
        OptionalLong proposal = laplaceAttempt(chance, scale);
        if (proposal.isEmpty()) {
            return proposal;
        }
        BigInteger size = BigInteger.valueOf(Math.abs(proposal.getAsLong()));
        BigInteger off = size.multiply(bigScale).subtract(variance);
        return chance.happensWithExp(off.multiply(off), denominator) ? proposal : OptionalLong.empty();
    }

    /** If there is an outcome, it is k with probability proportional to {@code exp(-|k|/scale)}. */
    static OptionalLong laplaceAttempt(Chance chance, long scale) {
        long remainder = chance.below(scale);
        if (!chance.happensWithExp(BigInteger.valueOf(remainder), BigInteger.valueOf(scale))) {
            return OptionalLong.empty();
        }
        long quotient = 0;
        while (chance.happensWithExp(BigInteger.ONE, BigInteger.ONE)) {
            quotient++;
        }
        long size = Math.addExact(remainder, Math.multiplyExact(scale, quotient));
        boolean negative = chance.below(2) == 1;
        // Zero would come up twice as often as it should, as +0 and as -0.
        return size == 0 && negative ? OptionalLong.empty() : OptionalLong.of(negative ? -size : size);
    }
}
