/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

/**
 * Numbers added one by one by Kahan's method: the error is about two unit roundoffs of the sum of their magnitudes, however many
 * there are ({@link Summation#COMPENSATED}). A sum that overflows becomes NaN.
 */
public final class CompensatedSum {

    private double sum;
    private double lost;

    /** Adds a number. */
    public void add(double number) {
        double term = number - lost;
        double next = sum + term;
        lost = (next - sum) - term;
        sum = next;
    }

    /** The sum. */
    public double value() {
        return sum;
    }

    /** The sum less what its last addition lost: another number only if that was larger than the sum before it. */
    public double corrected() {
        return sum - lost;
    }
}
