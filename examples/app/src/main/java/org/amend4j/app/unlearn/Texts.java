/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.unlearn;

import java.util.Locale;
import java.util.Map;

/** Numbers that may not be there. */
final class Texts {

    private Texts() {}

    static String seconds(double seconds) {
        return Double.isNaN(seconds) ? "an earlier, interrupted demo" : String.format(Locale.ROOT, "%.2f s", seconds);
    }

    static void putIfKnown(Map<String, Object> facts, String name, double value) {
        if (!Double.isNaN(value)) {
            facts.put(name, value);
        }
    }
}
