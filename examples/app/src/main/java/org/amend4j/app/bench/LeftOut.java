/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Something that would take too long here to be measured; no failure.
 *
 * @param floorMilliseconds the least that it takes once
 */
record LeftOut(String what, String shape, double floorMilliseconds) {

    Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("what", what);
        facts.put("shape", shape);
        facts.put("floorMilliseconds", floorMilliseconds);
        return facts;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s, %s: left out, once would take %.1f s here at least",
                what,
                shape,
                floorMilliseconds / 1e3);
    }
}
