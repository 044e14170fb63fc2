package org.amend4j.performance;

import org.amend4j.sensitivity.Upward;

/** {@link Upward} mirrored: arithmetic rounded towards -∞. */
final class Downward {

    private Downward() {}

    static double add(double a, double b) {
        return -Upward.add(-a, -b);
    }

    static double multiply(double a, double b) {
        return -Upward.multiply(-a, b);
    }

    /** @param b > 0 */
    static double divide(double a, double b) {
        return -Upward.divide(-a, b);
    }
}
