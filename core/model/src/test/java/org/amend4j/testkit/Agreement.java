/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.amend4j.objective.Objective;

/**
 * How far what a device computes in single precision is from what core computes in double.
 *
 * <p>The tolerance is the project's, 1e-5 of the gradient's norm. With u = 2⁻²⁴ = 6e-8 a value of these networks goes through at
 * most about 12 sums of at most 60 terms one after the other, there and back. Roundings that all pointed one way would make
 * 12·60·u = 4e-5; they point anywhere, so their root, 12·√60·u = 6e-6, is what a bad case shows, and 2e-7 what most do.
 */
public final class Agreement {

    /** Of a gradient's norm, and of a value. */
    public static final double SINGLE = 1e-5;

    private Agreement() {}

    /** The norm of the difference by the norm of what is expected. */
    public static double error(double[] expected, double[] actual) {
        assertEquals(expected.length, actual.length);
        double difference = 0;
        double norm = 0;
        for (int k = 0; k < expected.length; k++) {
            difference += (expected[k] - actual[k]) * (expected[k] - actual[k]);
            norm += expected[k] * expected[k];
        }
        return Math.sqrt(difference / norm);
    }

    /** The norm of a vector. */
    public static double norm(double[] vector) {
        double sum = 0;
        for (double element : vector) {
            sum += element * element;
        }
        return Math.sqrt(sum);
    }

    /** Value and gradient of two objectives must agree at a point. */
    public static void assertAgree(
            Objective expected, Objective actual, double[] theta, double tolerance, String what) {
        double[] right = new double[theta.length];
        double[] gradient = new double[theta.length];
        double value = expected.valueAndGradient(theta, right);
        assertEquals(value, actual.valueAndGradient(theta, gradient), tolerance * Math.abs(value), what);
        double error = error(right, gradient);
        assertTrue(error <= tolerance, () -> what + ": the gradient's error is " + error);
    }
}
