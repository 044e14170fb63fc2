/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.numeric;

/** {@link Upward} mirrored: arithmetic rounded towards -∞. */
public final class Downward {

    private Downward() {}

    /** a + b. */
    public static double add(double a, double b) {
        return -Upward.add(-a, -b);
    }

    /** a·b. */
    public static double multiply(double a, double b) {
        return -Upward.multiply(-a, b);
    }

    /**
     * a/b.
     *
     * @param b > 0
     */
    public static double divide(double a, double b) {
        return -Upward.divide(-a, b);
    }
}
