/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Numbers as text with three digits. */
final class Digits {

    private static final int SHORT = 8;

    private Digits() {}

    /** Never below the number. */
    static String up(double number) {
        return of(number, RoundingMode.CEILING);
    }

    static String nearest(double number) {
        return of(number, RoundingMode.HALF_EVEN);
    }

    /** As it is where that is short, else never nearer to 0. */
    static String outwards(double number) {
        String plain = Double.toString(number);
        return plain.length() <= SHORT ? plain : of(number, RoundingMode.UP);
    }

    private static String of(double number, RoundingMode mode) {
        return Double.isInfinite(number)
                ? "unknown"
                : new BigDecimal(number).round(new MathContext(3, mode)).toString();
    }
}
