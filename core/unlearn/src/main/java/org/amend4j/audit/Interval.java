/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import org.amend4j.internal.validation.Checks;
import org.apache.commons.numbers.gamma.InverseErfc;

/** An interval for an area under the curve. */
record Interval(double low, double high) {

    /**
     * The normal interval, clipped to [0, 1].
     *
     * <p>An estimated variance of 0 would make it a point. Then all pairs were won, lost or tied. The k disjoint pairs that
     * the smaller class allows are independent, so under a true area of a all are won with chance at most a^k. Hence areas
     * below {@code (α/2)^(1/k)} are excluded at level 1-α, and that distance from 1 is used in all three cases; it is
     * twice what tied pairs need.
     *
     * @param smaller subjects of the smaller class
     * @param level 1-α, in (0, 1)
     */
    static Interval around(double area, double variance, int smaller, double level) {
        double missed = 1 - Checks.insideUnit("the level of an interval", level);
        double reach = variance > 0
                ? Math.sqrt(2) * InverseErfc.value(missed) * Math.sqrt(variance)
                : -Math.expm1(Math.log(missed / 2) / smaller);
        return new Interval(Math.max(0, area - reach), Math.min(1, area + reach));
    }
}
