/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.evaluation;

import org.amend4j.internal.validation.Checks;

/**
 * Confidence bounds for the mean of independent, identically distributed numbers in a known range: valid for every sample
 * size, however rare the largest values are. A bound is a test by betting (Waudby-Smith and Ramdas 2024, "Estimating means
 * of bounded random variables by betting"): against the hypothesis that the mean of numbers in [0, 1] is m, a gambler's
 * capital is
 *
 * <pre>
 *   K(m) = Π_i (1 + λ_i(m)(x_i - m)),   λ_i(m) = min(√(2 ln(1/α)/(n v_i)), c/m)
 * </pre>
 *
 * with v_i the variance of the numbers before x_i. If the mean is m the expected capital is 1, so it reaches 1/α with a probability
 * of at most α (Markov); the bound is the m where it does. Where numbers vary, that is about as short as the normal
 * distribution's √(2 ln(1/α)/n) deviations; where none of n numbers left the end of the range it is ln(1/α)/(c n), the "rule of three"
 * divided by c = 3/4. It is never of width 0 unless the range is. The order of the numbers matters a little.
 */
public final class BoundedMean {

    /** c: a number at the far end costs at most a factor 1 - c of the capital. */
    private static final double MOST_STAKE = 0.75;

    /** Halvings of [0, 1]: to rounding. */
    private static final int HALVINGS = 60;

    private BoundedMean() {}

    /** The mean of one number or more itself, added up from the first to the last. */
    public static double mean(double[] numbers) {
        double sum = 0;
        for (double number : numbers) {
            sum += number;
        }
        return sum / numbers.length;
    }

    /**
     * A bound that the mean is below with a probability of at most α.
     *
     * @param numbers at least 2, within the range
     * @param least end of the range
     * @param most end of the range, >= least
     * @param error α, in (0, 1)
     * @throws IllegalArgumentException if a number is outside of the range
     */
    public static double low(double[] numbers, double least, double most, double error) {
        double[] shares = shares(numbers, least, most, 1);
        return most == least ? least : least + (most - least) * lowest(shares, error);
    }

    /** A bound that the mean is above with a probability of at most α; arguments as of {@link #low}. */
    public static double high(double[] numbers, double least, double most, double error) {
        double[] shares = shares(numbers, least, most, -1);
        return most == least ? most : most - (most - least) * lowest(shares, error);
    }

    /** Numbers as shares of the range, from below or above. */
    private static double[] shares(double[] numbers, double least, double most, int sign) {
        Checks.atLeast(2, "the number of numbers for an interval", numbers.length);
        Checks.finite("the range of numbers", most - least);
        double[] shares = new double[numbers.length];
        for (int i = 0; i < shares.length; i++) {
            if (!(least <= numbers[i] && numbers[i] <= most)) {
                throw new IllegalArgumentException(
                        "numbers must be in [" + least + ", " + most + "], got " + numbers[i] + " (number " + i + ")");
            }
            double above = sign > 0 ? numbers[i] - least : most - numbers[i];
            shares[i] = Math.min(1, above / (most - least));
        }
        return shares;
    }

    private static double lowest(double[] shares, double error) {
        double needed = -Math.log(Checks.insideUnit("the error rate of an interval", error));
        double[] bets = bets(shares, needed);
        double low = 0;
        double high = 1;
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (low + high) / 2;
            if (logCapital(shares, bets, middle) >= needed) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    /** Of each number from those before it; nothing on the first. */
    private static double[] bets(double[] shares, double needed) {
        double[] bets = new double[shares.length];
        double mean = shares[0];
        double squares = 1.0 / shares.length; // of what was not yet seen
        for (int i = 1; i < bets.length; i++) {
            bets[i] = Math.sqrt(2 * needed * i / (shares.length * squares));
            double before = mean;
            mean += (shares[i] - mean) / (i + 1);
            squares += (shares[i] - before) * (shares[i] - mean);
        }
        return bets;
    }

    /** Decreases in m. */
    private static double logCapital(double[] shares, double[] bets, double m) {
        double most = MOST_STAKE / m;
        double sum = 0;
        for (int i = 0; i < shares.length; i++) {
            sum += Math.log1p(Math.min(bets[i], most) * (shares[i] - m));
        }
        return sum;
    }
}
