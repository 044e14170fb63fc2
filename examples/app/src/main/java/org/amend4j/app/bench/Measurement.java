/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;

/**
 * A measurement, compared with what the hardware could do.
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

    /** For JSON. */
    record Facts(
            String what,
            String shape,
            @JsonUnwrapped Times times,
            @JsonUnwrapped MinimumCost.Facts cost,
            double floorMilliseconds,
            double fraction) {}

    /** Of a run. */
    record Times(double medianMilliseconds, double bestMilliseconds, List<Double> roundsMilliseconds) {}

    Facts facts() {
        return new Facts(
                what,
                shape,
                new Times(timing.median(), timing.best(), timing.milliseconds()),
                cost.facts(),
                floorMilliseconds(),
                fraction());
    }
}
