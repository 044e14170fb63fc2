/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

import java.util.OptionalDouble;

/** The fraction of its targets' variance that a critic explains. */
public final class ExplainedVariance {

    private ExplainedVariance() {}

    /**
     * 1 - Var(target - V)/Var(target): 1 is perfect, 0 as good as a constant, negative worse.
     *
     * @param values V, finite
     * @param targets one per value, at least one, finite
     * @return empty if all targets are equal
     */
    public static OptionalDouble of(double[] values, double[] targets) {
        ColumnChecks.some("a batch of targets", targets);
        ColumnChecks.count("values", values.length, targets.length);
        ColumnChecks.finite("a value", values);
        ColumnChecks.finite("a target", targets);
        double[] errors = targets.clone();
        for (int row = 0; row < errors.length; row++) {
            errors[row] -= values[row];
        }
        double total = squaredDistances(targets);
        return total == 0 ? OptionalDouble.empty() : OptionalDouble.of(1 - squaredDistances(errors) / total);
    }

    /** From the first number's side, so that equal numbers give exactly 0. */
    private static double squaredDistances(double[] numbers) {
        double mean = 0;
        for (double number : numbers) {
            mean += (number - numbers[0]) / numbers.length;
        }
        double sum = 0;
        for (double number : numbers) {
            double distance = number - numbers[0] - mean;
            sum += distance * distance;
        }
        return sum;
    }
}
