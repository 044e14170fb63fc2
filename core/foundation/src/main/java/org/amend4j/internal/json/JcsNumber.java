/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.json;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;

/**
 * Numbers as RFC 8785 writes them, which is as ECMAScript does (ECMA-262, Number::toString): with the fewest digits that are read
 * back as the same double, and of those the nearest.
 */
final class JcsNumber {

    /** Enough for every double. */
    private static final int MOST_DIGITS = 17;

    /** Whole numbers below have no shorter text than themselves; ledgers and certificates are full of them. */
    private static final double EXACT_INTEGERS = 0x1p53;

    /** Below a power of two the nearest digits can be those of the neighbour; then others as long are not. */
    private static final List<RoundingMode> NEAREST_FIRST =
            List.of(RoundingMode.HALF_EVEN, RoundingMode.UP, RoundingMode.DOWN);

    private JcsNumber() {}

    static String text(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("a number in JSON must be finite, got " + value);
        }
        if (value == 0) {
            return "0"; // -0, too
        }
        if (value == Math.rint(value) && Math.abs(value) < EXACT_INTEGERS) {
            return Long.toString((long) value);
        }
        BigDecimal shortest = shortest(Math.abs(value)).stripTrailingZeros();
        String digits = shortest.unscaledValue().toString();
        return (value < 0 ? "-" : "") + placed(digits, digits.length() - shortest.scale());
    }

    private static BigDecimal shortest(double value) {
        BigDecimal exact = new BigDecimal(value);
        for (int digits = 1; digits < MOST_DIGITS; digits++) {
            for (RoundingMode mode : NEAREST_FIRST) {
                BigDecimal rounded = exact.round(new MathContext(digits, mode));
                if (rounded.doubleValue() == value) {
                    return rounded;
                }
            }
        }
        return exact.round(new MathContext(MOST_DIGITS, RoundingMode.HALF_EVEN));
    }

    /** Digits d₁d₂… that stand for {@code 0.d₁d₂…·10^exponent}. */
    private static String placed(String digits, int exponent) {
        int count = digits.length();
        if (exponent < -5 || exponent > 21) {
            return digits.charAt(0)
                    + (count > 1 ? "." + digits.substring(1) : "")
                    + (exponent > 0 ? "e+" : "e-")
                    + Math.abs(exponent - 1);
        }
        if (exponent <= 0) {
            return "0." + "0".repeat(-exponent) + digits;
        }
        return exponent >= count
                ? digits + "0".repeat(exponent - count)
                : digits.substring(0, exponent) + "." + digits.substring(exponent);
    }
}
