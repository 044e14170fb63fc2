/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

/**
 * Arithmetic rounded towards +∞, so that a computed bound is never below the exact bound. A result is the least double
 * that is not below the exact one: the rounding error of the ordinary operation is itself computed exactly (by Knuth's
 * two-sum, or one fused multiplication) and the result moved up if it was rounded down. Exact results stay as they are.
 * Where a product is so small that its error need not be a double, the result may be one double higher.
 */
public final class Upward {

    /** Above this the error of a product or quotient of doubles is a double itself. */
    private static final double ERROR_IS_EXACT = 0x1p-960;

    private Upward() {}

    /** a + b. */
    public static double add(double a, double b) {
        double sum = a + b;
        double partOfB = sum - a;
        double error = (a - (sum - partOfB)) + (b - partOfB);
        return error > 0 ? Math.nextUp(sum) : sum;
    }

    /** (a - b)/2, also where a - b overflows; one double higher at most where a half is not a double. */
    public static double halfDifference(double a, double b) {
        return add(half(a), half(-b));
    }

    private static double half(double a) {
        double half = a / 2;
        return 2 * half < a ? Math.nextUp(half) : half;
    }

    /** a·b. */
    public static double multiply(double a, double b) {
        double product = a * b;
        if (Math.abs(product) < ERROR_IS_EXACT) {
            return a == 0 || b == 0 ? product : Math.nextUp(product);
        }
        return Math.fma(a, b, -product) > 0 ? Math.nextUp(product) : product;
    }

    /**
     * a/b.
     *
     * @param b > 0
     */
    public static double divide(double a, double b) {
        double quotient = a / b;
        if (Math.abs(quotient) < ERROR_IS_EXACT || Math.abs(a) < ERROR_IS_EXACT) {
            return a == 0 ? quotient : Math.nextUp(quotient);
        }
        return Math.fma(-quotient, b, a) > 0 ? Math.nextUp(quotient) : quotient;
    }

    /**
     * √a.
     *
     * @param a >= 0
     */
    public static double sqrt(double a) {
        double root = Math.sqrt(a);
        if (a < ERROR_IS_EXACT) {
            return a == 0 ? root : Math.nextUp(root);
        }
        return Math.fma(-root, root, a) > 0 ? Math.nextUp(root) : root;
    }

    /** a². */
    public static double square(double a) {
        return multiply(a, a);
    }

    /** {@code ‖x‖}; NaN or infinite if an element is, or if a square overflows. */
    public static double norm(double[] x) {
        double squares = 0;
        for (double element : x) {
            squares = add(squares, square(element));
        }
        return sqrt(squares);
    }

    /** {@code |1 - a·b|} for a, b >= 0. */
    public static double distanceToOne(double a, double b) {
        return Math.max(add(1, multiply(-a, b)), add(-1, multiply(a, b)));
    }

    /**
     * A value with a relative error of at most {@code units} times 2^-52, moved up over that error.
     *
     * @param value >= 0
     */
    public static double over(double value, double units) {
        // below the normal range errors are no longer relative
        return multiply(Math.max(value, Double.MIN_NORMAL), 1 + units * 0x1p-52);
    }
}
