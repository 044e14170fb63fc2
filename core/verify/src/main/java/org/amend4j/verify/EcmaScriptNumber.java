/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Doubles as ECMAScript writes them (ECMA-262, Number::toString), and so RFC 8785: the fewest digits that are read back as the same
 * double; of those the nearest to it.
 */
final class EcmaScriptNumber {

    private static final double EXACT_INTEGERS = 0x1p53;
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
        if (value == Math.rint(value) && Math.abs(value) < EXACT_INTEGERS) {
            return Long.toString((long) value);
        }
        BigDecimal shortest = shortest(Math.abs(value)).stripTrailingZeros();
        return (value < 0 ? "-" : "")
                + layout(shortest.unscaledValue().toString(), shortest.precision() - shortest.scale());
    }

    private static BigDecimal shortest(double value) {
        BigDecimal exact = new BigDecimal(value);
        // Java's text is read back as the same double, but before Java 19 it can have more digits than needed.
        int digits = new BigDecimal(Double.toString(value)).stripTrailingZeros().precision();
        BigDecimal found = read(exact, digits, value).orElse(exact);
        Optional<BigDecimal> fewer = read(exact, --digits, value);
        while (fewer.isPresent()) {
            found = fewer.get();
            fewer = read(exact, --digits, value);
        }
        return found;
    }

    /** The nearest decimal with so many digits that is read as a double, if there is one. */
    private static Optional<BigDecimal> read(BigDecimal exact, int digits, double value) {
        if (digits < 1) {
            return Optional.empty();
        }
        // Below a power of two doubles are closer together than above: the nearest text can be read as the neighbour.
        return Stream.of(RoundingMode.HALF_EVEN, RoundingMode.UP, RoundingMode.DOWN)
                .map(mode -> exact.round(new MathContext(digits, mode)))
                .filter(rounded -> rounded.doubleValue() == value)
                .findFirst();
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
