/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import org.amend4j.numeric.Vectors;

/** Rules that every {@link Approximator.Pass} obeys. */
final class PassRules {

    private PassRules() {}

    static void requireValid(boolean valid) {
        if (!valid) {
            throw new IllegalStateException(
                    "a pass is over after its backward pass, and after any other use of its network");
        }
    }

    static void requireBackward(double[] derivatives, int length, double[] gradient, int dimension) {
        Vectors.requireLength("derivatives", derivatives, length);
        if (gradient.length < dimension) {
            throw new IllegalArgumentException(
                    "gradient must have at least " + dimension + " elements, got " + gradient.length);
        }
        if (!allFinite(derivatives)) {
            throw new ArithmeticException("derivatives of outputs must be finite, got NaN or an infinite number");
        }
    }

    /** Adds a finished gradient to the beginning of the caller's. */
    static void addFinite(double[] sum, double[] gradient) {
        if (!allFinite(sum)) {
            throw new ArithmeticException("the gradient is not finite");
        }
        for (int i = 0; i < sum.length; i++) {
            gradient[i] += sum[i];
        }
    }

    /** Whether no number is NaN or infinite. */
    static boolean allFinite(double[] values) {
        double zero = 0;
        double other = 0; // two sums need not wait for each other
        int even = values.length & ~1;
        for (int i = 0; i < even; i += 2) {
            zero += values[i] * 0;
            other += values[i + 1] * 0;
        }
        if (even < values.length) {
            zero += values[even] * 0;
        }
        return zero + other == 0;
    }

    static void requireFinite(double[] theta) {
        if (!allFinite(theta)) {
            throw new IllegalArgumentException("parameters must be finite, got NaN or an infinite number");
        }
    }
}
