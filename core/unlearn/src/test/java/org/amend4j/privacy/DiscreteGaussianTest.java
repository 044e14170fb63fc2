/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.privacy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.function.LongToDoubleFunction;
import java.util.stream.LongStream;
import org.apache.commons.numbers.gamma.RegularizedGamma;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sampled laws falsely fail with probability 1e-5 per seed (the seeds are fixed); enumerated ones never. */
class DiscreteGaussianTest {

    private static final double FALSE_ALARM = 1e-5;
    private static final int DRAWS = 40_000;

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "1, 2", "1, 3", "2, 3", "7, 5", "5, 2", "99, 100", "3, 1"})
    void exponentialChancesAreExact(int numerator, int denominator) {
        Outcomes law = Outcomes.of(
                chance -> chance.happensWithExp(BigInteger.valueOf(numerator), BigInteger.valueOf(denominator)), 1e-15);
        double expected = Math.exp(-(double) numerator / denominator);
        assertTrue(law.cut() < 1e-13);
        assertEquals(expected, law.probability(true), law.cut() + 1e-14);
        assertEquals(1 - expected, law.probability(false), law.cut() + 1e-14);
    }

    /** Given the law above, so that not all its draws need to be followed. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7})
    void theLaplaceProposalIsExact(int scale) {
        Outcomes law = Outcomes.givenExponentials(chance -> DiscreteGaussian.laplaceAttempt(chance, scale), 1e-12);
        double q = Math.exp(-1.0 / scale);
        assertTrue(off(law, k -> (1 - q) / (1 + q) * Math.pow(q, (double) Math.abs(k))) < 1e-9);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 16})
    void theGaussianIsExact(int sigma) {
        Outcomes law = Outcomes.givenExponentials(chance -> new DiscreteGaussian(chance, sigma).attempt(), 1e-12);
        assertTrue(off(law, k -> density(k, sigma)) < 1e-9);
    }

    /** The twin: enumeration sees negative zeros. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 16})
    void negativeZerosAreSeenInTheLaw(int sigma) {
        Outcomes law = Outcomes.givenExponentials(chance -> attemptWithNegativeZeros(chance, sigma), 1e-12);
        assertTrue(off(law, k -> density(k, sigma)) > 0.01);
    }

    /** The largest difference over small k between a density and the law of attempts that have an outcome. */
    private static double off(Outcomes law, LongToDoubleFunction density) {
        assertTrue(law.cut() < 1e-10, () -> "cut " + law.cut());
        double successes = 1 - law.probability(OptionalLong.empty());
        return LongStream.rangeClosed(-6, 6)
                .mapToDouble(k -> Math.abs(law.probability(OptionalLong.of(k)) / successes - density.applyAsDouble(k)))
                .max()
                .orElseThrow();
    }

    @ParameterizedTest
    @CsvSource({"1, 11", "2, 12", "3, 13", "5, 14", "16, 15"})
    void samplesFollowTheLaw(int sigma, long seed) {
        DiscreteGaussian gaussian = new DiscreteGaussian(new RejectionChance(new Seeded(seed)), sigma);
        assertTrue(pValue(gaussian::next, sigma) > FALSE_ALARM);
    }

    /** The twin: the same test refuses half the noise. */
    @ParameterizedTest
    @CsvSource({"2, 12", "16, 15"})
    void theTestRefusesHalfTheNoise(int sigma, long seed) {
        DiscreteGaussian half = new DiscreteGaussian(new RejectionChance(new Seeded(seed)), sigma / 2);
        assertTrue(pValue(half::next, sigma) < FALSE_ALARM);
    }

    /** The twin: the same test refuses a sampler that keeps negative zeros. */
    @ParameterizedTest
    @CsvSource({"1, 11", "2, 12", "3, 13", "5, 14", "16, 15"})
    void theTestRefusesNegativeZeros(int sigma, long seed) {
        Chance chance = new RejectionChance(new Seeded(seed));
        assertTrue(pValue(() -> withNegativeZeros(chance, sigma), sigma) < FALSE_ALARM);
    }

    /**
     * Mean 0, variance σ², fourth moment 3σ⁴, lag correlation 0; each sample mean is normal by the central limit theorem, with
     * variances 1, 2, 96 and 1 over n. 4.9 standard deviations are exceeded with probability 1e-6.
     */
    @ParameterizedTest
    @CsvSource({"1048576, 21", "1099511627776, 22", "2199023255551, 23", "35184372088832, 24"})
    void momentsOfWideNoiseAreThoseOfTheNormalLaw(long sigma, long seed) {
        DiscreteGaussian gaussian = new DiscreteGaussian(new RejectionChance(new Seeded(seed)), sigma);
        double mean = 0;
        double square = 0;
        double fourth = 0;
        double lag = 0;
        double last = 0;
        int n = 20_000;
        for (int i = 0; i < n; i++) {
            double z = (double) gaussian.next() / sigma;
            mean += z / n;
            square += z * z / n;
            fourth += z * z * z * z / n;
            lag += z * last / n;
            last = z;
        }
        double allowed = 4.9 / Math.sqrt(n);
        assertEquals(0, mean, allowed);
        assertEquals(1, square, allowed * Math.sqrt(2));
        assertEquals(3, fourth, allowed * Math.sqrt(96));
        assertEquals(0, lag, allowed);
    }

    /** Every bit position of a wide sampler's low end is fair, unlike those of a rounded double. */
    @Test
    void lowBitsOfWideNoiseAreFair() {
        DiscreteGaussian gaussian = new DiscreteGaussian(new RejectionChance(new Seeded(31)), 1L << 40);
        int n = 20_000;
        int[] ones = new int[20];
        for (int i = 0; i < n; i++) {
            long k = gaussian.next();
            for (int bit = 0; bit < ones.length; bit++) {
                ones[bit] += (int) (k >> bit & 1);
            }
        }
        for (int count : ones) {
            assertEquals(n / 2.0, count, 5.5 * Math.sqrt(n) / 2);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, (1L << 45) + 1})
    void impossibleScalesAreRefused(long sigma) {
        Chance chance = new RejectionChance(new Seeded(1));
        assertThrows(IllegalArgumentException.class, () -> new DiscreteGaussian(chance, sigma));
    }

    /** Of the chi-square test, with one cell per integer where at least 10 draws are expected, and one for each tail. */
    private static double pValue(LongSupplier sampler, int sigma) {
        int last = 0;
        while (DRAWS * density(last + 1, sigma) >= 10) {
            last++;
        }
        int[] counts = new int[2 * last + 3];
        for (int i = 0; i < DRAWS; i++) {
            long k = Math.max(-last - 1, Math.min(last + 1, sampler.getAsLong()));
            counts[(int) k + last + 1]++;
        }
        double middle = 0;
        for (int k = -last; k <= last; k++) {
            middle += density(k, sigma);
        }
        double statistic = 0;
        for (int k = -last - 1; k <= last + 1; k++) {
            double expected = DRAWS * (Math.abs(k) > last ? (1 - middle) / 2 : density(k, sigma));
            double off = counts[k + last + 1] - expected;
            statistic += off * off / expected;
        }
        return RegularizedGamma.Q.value((counts.length - 1) / 2.0, statistic / 2);
    }

    private static double density(long k, int sigma) {
        double total = 0;
        for (int j = -40 * sigma; j <= 40 * sigma; j++) {
            total += Math.exp(-0.5 * j * j / ((double) sigma * sigma));
        }
        return Math.exp(-0.5 * k * k / ((double) sigma * sigma)) / total;
    }

    private static long withNegativeZeros(Chance chance, int sigma) {
        OptionalLong drawn = attemptWithNegativeZeros(chance, sigma);
        return drawn.isPresent() ? drawn.getAsLong() : withNegativeZeros(chance, sigma);
    }

    /** {@link DiscreteGaussian#attempt} without the condition that refuses negative zeros. */
    private static OptionalLong attemptWithNegativeZeros(Chance chance, int sigma) {
        int t = sigma + 1;
        long remainder = chance.below(t);
        if (!chance.happensWithExp(BigInteger.valueOf(remainder), BigInteger.valueOf(t))) {
            return OptionalLong.empty();
        }
        long quotient = 0;
        while (chance.happensWithExp(BigInteger.ONE, BigInteger.ONE)) {
            quotient++;
        }
        long size = remainder + t * quotient;
        long off = size * t - (long) sigma * sigma;
        boolean negative = chance.below(2) == 1;
        BigInteger denominator = BigInteger.valueOf(2L * sigma * sigma * t * t);
        return chance.happensWithExp(BigInteger.valueOf(off * off), denominator)
                ? OptionalLong.of(negative ? -size : size)
                : OptionalLong.empty();
    }
}
