/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.unlearn;

import java.util.Locale;
import java.util.OptionalDouble;

/** Numbers that may not be there. */
final class Texts {

    private Texts() {}

    static String seconds(double seconds) {
        return Double.isNaN(seconds) ? "an earlier, interrupted demo" : String.format(Locale.ROOT, "%.2f s", seconds);
    }

    static OptionalDouble ifKnown(double value) {
        return Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value);
    }
}
