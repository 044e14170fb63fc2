/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/** Numbers in sentences for people. */
final class ThreeDigits {

    private static final MathContext DIGITS = new MathContext(3);

    private ThreeDigits() {}

    /** Rounded; as a power of ten where that is shorter. */
    static String of(double number) {
        if (!Double.isFinite(number)) {
            return Double.toString(number);
        }
        BigDecimal rounded = new BigDecimal(number).round(DIGITS);
        double size = Math.abs(number);
        return size == 0 || (size >= 1e-4 && size < 1e6)
                ? rounded.stripTrailingZeros().toPlainString()
                : String.format(Locale.ROOT, "%.2e", number);
    }
}
