/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.chart;

import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * An axis as it was asked for.
 *
 * @param name its quantity and unit
 * @param logarithmic whether it is
 * @param low nothing below is shown; -∞ for all
 * @param high nothing above is shown; ∞ for all
 */
@RecordBuilder
record Axis(String name, boolean logarithmic, double low, double high) implements AxisBuilder.With {

    static Axis of(String name) {
        return new Axis(name, false, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    }

    /** Whether a value has a place on it. */
    boolean has(double value) {
        return Double.isFinite(value) && (!logarithmic || value > 0);
    }
}
