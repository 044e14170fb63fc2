/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.privacy;

/**
 * (ε,δ)-indistinguishability of two random outputs X and Y: {@code P[X∈S] <= e^ε·P[Y∈S] + δ} for every S, and the reverse.
 *
 * @param epsilon in [0, 1e5]; above about 10 it means little to a person
 * @param delta in [1e-300, 1); meaningful only well below one over the number of records
 */
public record PrivacyBudget(double epsilon, double delta) {

    static final double MAX_EPSILON = 1e5;

    /** Below the normal doubles, "rounded up" would mean little. */
    static final double MIN_DELTA = 1e-300;

    /** @throws IllegalArgumentException if a component is out of its range or NaN */
    public PrivacyBudget {
        if (!(epsilon >= 0 && epsilon <= MAX_EPSILON)) {
            throw new IllegalArgumentException("epsilon must be in [0, 1e5], got " + epsilon);
        }
        checkDelta(delta);
    }

    static void checkDelta(double delta) {
        if (!(delta >= MIN_DELTA && delta < 1)) {
            throw new IllegalArgumentException("delta must be in [1e-300, 1), got " + delta);
        }
    }
}
