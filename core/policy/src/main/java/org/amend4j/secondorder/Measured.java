/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import org.amend4j.evaluation.BoundedMean;

/**
 * A mean and its uncertainty.
 *
 * @param value the estimate
 * @param standardError of it; 0 if it is exact
 * @param low end of an interval; for sampled numbers one that accounts for their range, see {@link BoundedMean}
 * @param high end of the interval
 */
public record Measured(double value, double standardError, double low, double high) {

    /** Known without sampling. */
    static Measured exact(double value) {
        return new Measured(value, 0, value, value);
    }

    /**
     * The mean of independent numbers of a known range.
     *
     * @param error of both ends together
     */
    static Measured mean(double[] numbers, ReturnRange.Span span, double error) {
        double mean = 0;
        double[] cut = new double[numbers.length];
        for (int i = 0; i < cut.length; i++) {
            mean += numbers[i] / cut.length;
            cut[i] = span.cut(numbers[i]);
        }
        return new Measured(
                mean,
                Math.sqrt(variance(numbers, mean) / numbers.length),
                BoundedMean.low(cut, span.low(), span.high(), error / 2) - span.beyond(),
                BoundedMean.high(cut, span.low(), span.high(), error / 2) + span.beyond());
    }

    /** Of what is known to be at least 0. */
    Measured notNegative() {
        return new Measured(value, standardError, Math.max(0, low), high);
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
