package org.amend4j.saddle;

import org.amend4j.evaluation.Bootstrap;
import org.amend4j.evaluation.Estimate;
import org.amend4j.evaluation.Scores;

/**
 * A mean and how sure it is.
 *
 * @param value the estimate
 * @param standardError of it; 0 if it is exact
 * @param low end of a 95 % interval
 * @param high end of a 95 % interval
 */
public record Measured(double value, double standardError, double low, double high) {

    /** Two-sided 95 % of the normal distribution. */
    private static final double NORMAL = 1.959963984540054;

    /** Known without sampling. */
    static Measured exact(double value) {
        return new Measured(value, 0, value, value);
    }

    /** With the interval of the normal distribution. */
    static Measured normal(double value, double standardError) {
        return new Measured(value, standardError, value - NORMAL * standardError, value + NORMAL * standardError);
    }

    /** The mean of independent numbers, with a percentile bootstrap interval. */
    static Measured mean(double[] numbers, Bootstrap bootstrap) {
        Estimate estimate = bootstrap.estimate(Scores.ofOneTask(numbers), Scores::mean);
        double variance = variance(numbers, estimate.value());
        return new Measured(estimate.value(), Math.sqrt(variance / numbers.length), estimate.low(), estimate.high());
    }

    /** Of a sample, about its mean. */
    static double variance(double[] numbers, double mean) {
        double squares = 0;
        for (double number : numbers) {
            squares += (number - mean) * (number - mean);
        }
        return squares / (numbers.length - 1);
    }
}
