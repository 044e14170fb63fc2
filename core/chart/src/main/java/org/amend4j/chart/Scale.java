/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.chart;

import java.util.Arrays;

/**
 * How the values of an axis are drawn: as they are, or, where XChart would fail or write hundreds of digits, in units of a power of ten;
 * of a logarithmic axis, as their logarithms.
 *
 * @param axis that is drawn; its name says the unit
 * @param exponent of the unit, 0 for 1
 * @param logarithms whether logarithms are drawn
 * @param low the lowest value that is drawn, after scaling
 * @param high the highest
 */
record Scale(Axis axis, int exponent, boolean logarithms, double low, double high) {

    /** Larger numbers, or smaller ones than 1 over this, are drawn in units of a power of ten. */
    private static final double LONGEST = 1e15;

    /** Of a logarithmic axis with a line and a number for each. */
    private static final double MOST_DECADES = 30;

    private static final double FARTHEST_DECADE = 100;

    /** Share of its numbers that a range must have, to have ticks. */
    private static final double NARROWEST = 1e-9;

    /** Lines that leave the picture are followed so many times its height; farther off they are as steep as can be drawn. */
    private static final double FOLLOWED = 1_000;

    /** @param values that the axis has, at least one */
    static Scale of(Axis axis, double[] values) {
        double low =
                axis.has(axis.low()) ? axis.low() : Arrays.stream(values).min().orElseThrow();
        double high = axis.has(axis.high())
                ? axis.high()
                : Arrays.stream(values).max().orElseThrow();
        return axis.logarithmic() ? decades(axis, low, high) : units(axis, low, high);
    }

    private static Scale decades(Axis axis, double low, double high) {
        double first = Math.log10(low);
        double last = Math.log10(high);
        if (last - first <= MOST_DECADES && first >= -FARTHEST_DECADE && last <= FARTHEST_DECADE) {
            return scaled(axis, 0, false, low, high);
        }
        Axis plain = axis.withName("log10 of " + axis.name()).withLogarithmic(false);
        return scaled(plain, 0, true, first, last);
    }

    private static Scale units(Axis axis, double low, double high) {
        double size = Math.max(Math.abs(low), Math.abs(high));
        if (size == 0 || (size <= LONGEST && size >= 1 / LONGEST)) {
            return scaled(axis, 0, false, low, high);
        }
        int exponent = (int) Math.floor(Math.log10(size));
        return scaled(
                axis.withName(axis.name() + " (\u00d7 1e" + exponent + ")"),
                exponent,
                false,
                in(exponent, low),
                in(exponent, high));
    }

    private static Scale scaled(Axis axis, int exponent, boolean logarithms, double low, double high) {
        double least = NARROWEST * Math.max(Math.abs(low), Math.abs(high));
        boolean narrow = low < high && high - low < least;
        double from = narrow ? low - least / 2 : low;
        double to = narrow ? high + least / 2 : high;
        Axis shown = axis.withLow(narrow || axis.has(axis.low()) ? from : Double.NEGATIVE_INFINITY)
                .withHigh(narrow || axis.has(axis.high()) ? to : Double.POSITIVE_INFINITY);
        return new Scale(shown, exponent, logarithms, from, to);
    }

    /** In two steps: no double is the power of ten that makes 1 of the smallest ones. */
    private static double in(int exponent, double value) {
        int half = exponent / 2;
        return value * Math.pow(10, -half) * Math.pow(10, half - exponent);
    }

    /** A value as it is drawn. */
    double of(double value) {
        double scaled = logarithms ? Math.log10(value) : in(exponent, value);
        double far = FOLLOWED * (high - low);
        boolean clipped = far > 0 && !axis.logarithmic();
        return clipped ? Math.max(low - far, Math.min(high + far, scaled)) : scaled;
    }

    double[] of(double[] values) {
        return Arrays.stream(values).map(this::of).toArray();
    }

    /** Where a value that is drawn lies between the lowest, 0, and the highest, 1. */
    double share(double drawn) {
        double from = place(low);
        double length = place(high) - from;
        return length == 0 ? 0 : (place(drawn) - from) / length;
    }

    private double place(double drawn) {
        return axis.logarithmic() ? Math.log(drawn) : drawn;
    }
}
