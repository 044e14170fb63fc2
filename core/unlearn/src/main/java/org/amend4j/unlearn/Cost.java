/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import org.amend4j.internal.validation.Checks;

/**
 * The cost of an unlearning method.
 *
 * @param steps of gradient descent, >= 0
 * @param recordGradients gradients of single records in these steps, >= 0
 * @param seconds expected, >= 0; NaN if not measured
 */
public record Cost(int steps, long recordGradients, double seconds) implements Comparable<Cost> {

    /** @throws IllegalArgumentException if a number is out of its range */
    public Cost {
        Checks.atLeast(0, "the number of steps", steps);
        if (recordGradients < 0 || seconds < 0) {
            throw new IllegalArgumentException(
                    "a cost must be >= 0, got " + recordGradients + " gradients and " + seconds + " seconds");
        }
    }

    /** What a Newton step costs, in gradients: one or two of them, and products with the curvature. */
    private static final int GRADIENTS_OF_NEWTON_STEP = 8;

    /**
     * Of Newton steps, as far as it can be said before they are made.
     *
     * @param steps how many, >= 0
     * @param records in the sum
     * @param secondsPerGradient of one record; NaN if it was not measured
     */
    public static Cost ofNewton(int steps, int records, double secondsPerGradient) {
        long gradients = (long) steps * GRADIENTS_OF_NEWTON_STEP * records;
        return new Cost(steps, gradients, gradients * secondsPerGradient);
    }

    @Override
    public int compareTo(Cost other) {
        int byGradients = Long.compare(recordGradients, other.recordGradients);
        return byGradients != 0 ? byGradients : Integer.compare(steps, other.steps);
    }
}
