package org.amend4j.verify;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Doubles as ECMAScript writes them (ECMA-262, Number::toString), and so RFC 8785: the fewest digits that are read back as the same
 * double; of those the nearest to it.
 */
final class EcmaScriptNumber {

    private static final int MOST_DIGITS = 17;
    private static final int FIRST_EXPONENT_ABOVE = 21;
    private static final int LAST_PLACE_BELOW = -6;

    private EcmaScriptNumber() {}

    /**
     * The text of a double.
     *
     * @param value finite; -0 is written as 0 is
     */
    static String text(double value) {
        if (value == 0) {
            return "0";
        }
        BigDecimal shortest = shortest(Math.abs(value)).stripTrailingZeros();
        return (value < 0 ? "-" : "")
                + layout(shortest.unscaledValue().toString(), shortest.precision() - shortest.scale());
    }

    private static BigDecimal shortest(double value) {
        BigDecimal exact = new BigDecimal(value);
        for (int digits = 1; digits < MOST_DIGITS; digits++) {
            // Below a power of two doubles are closer together than above: the nearest text can be read as the
            // neighbour.
            for (RoundingMode mode : new RoundingMode[] {RoundingMode.HALF_EVEN, RoundingMode.UP, RoundingMode.DOWN}) {
                BigDecimal rounded = exact.round(new MathContext(digits, mode));
                if (rounded.doubleValue() == value) {
                    return rounded;
                }
            }
        }
        return exact.round(new MathContext(MOST_DIGITS, RoundingMode.HALF_EVEN));
    }

    /** Digits with the point behind the first {@code point} of them. */
    private static String layout(String digits, int point) {
        if (point > FIRST_EXPONENT_ABOVE || point <= LAST_PLACE_BELOW) {
            String rest = digits.length() == 1 ? "" : "." + digits.substring(1);
            return digits.charAt(0) + rest + "e" + (point > 0 ? "+" : "") + (point - 1);
        }
        if (point <= 0) {
            return "0." + "0".repeat(-point) + digits;
        }
        if (point >= digits.length()) {
            return digits + "0".repeat(point - digits.length());
        }
        return digits.substring(0, point) + "." + digits.substring(point);
    }
}
