/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Something measured beside what the hardware could do.
 *
 * @param what was done
 * @param shape how large
 */
record Measurement(String what, String shape, Timing timing, MinimumCost cost, Limits limits) {

    double floorMilliseconds() {
        return limits.floorMilliseconds(cost);
    }

    /** 1 is the floor. */
    double fraction() {
        return floorMilliseconds() / timing.median();
    }

    Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("what", what);
        facts.put("shape", shape);
        facts.put("medianMilliseconds", timing.median());
        facts.put("bestMilliseconds", timing.best());
        facts.put("roundsMilliseconds", timing.milliseconds());
        facts.put("flops", cost.flops());
        facts.put("bytes", cost.bytes());
        facts.put("floorMilliseconds", floorMilliseconds());
        facts.put("fraction", fraction());
        return facts;
    }
}
