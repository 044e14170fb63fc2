/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.chart;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A line, or points.
 *
 * @param label its name, which no other line of the chart has
 * @param x [points], ascending for lines
 * @param y [points]; what is not finite is left out
 * @param colour its colour
 * @param style how it is drawn
 * @param named whether the chart says its name
 */
@RecordBuilder
@SuppressWarnings("ArrayRecordComponent") // copies, never written to
record Line(String label, double[] x, double[] y, Colour colour, Style style, boolean named)
        implements LineBuilder.With {

    /** How a line is drawn. */
    enum Style {
        SOLID,
        /** A bound or an interval's end. */
        DASHED,
        /** One of many, such as a seed. */
        THIN,
        /** Points without a line. */
        POINTS
    }

    /** @throws IllegalArgumentException if there is not one y for each x, or no point at all */
    Line {
        if (label.isBlank() || label.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "a line must have a name without control characters, got '" + label + "'");
        }
        if (x.length != y.length) {
            throw new IllegalArgumentException(
                    "line '" + label + "' must have one y for each x, got " + x.length + " and " + y.length);
        }
        if (x.length == 0) {
            throw new IllegalArgumentException("line '" + label + "' must have a point, got none");
        }
        x = x.clone();
        y = y.clone();
    }

    /** The points that have a place on both axes; all if none has. */
    Line drawable(Axis across, Axis up) {
        int[] kept = IntStream.range(0, x.length)
                .filter(i -> across.has(x[i]) && up.has(y[i]))
                .toArray();
        return kept.length == x.length || kept.length == 0 ? this : at(kept);
    }

    /** The line as it is drawn. */
    Line scaled(Scale across, Scale up) {
        return with().x(across.of(x)).y(up.of(y)).build();
    }

    /** Whether every x can be written without a power of ten. */
    boolean isWritable() {
        return Arrays.stream(x).allMatch(place -> Math.abs(place) >= 1e-3 && Math.abs(place) <= 1e6);
    }

    /** Whether no value has a digit that is not far behind the point. */
    boolean isTiny() {
        return Arrays.stream(y).allMatch(value -> Math.abs(value) < 1e-3);
    }

    /** Whether a point can be drawn. */
    boolean isDrawable(Axis across, Axis up) {
        return IntStream.range(0, x.length).anyMatch(i -> across.has(x[i]) && up.has(y[i]));
    }

    /** The line through some of its points. */
    Line at(int[] points) {
        double[] newX = new double[points.length];
        double[] newY = new double[points.length];
        for (int k = 0; k < points.length; k++) {
            newX[k] = x[points[k]];
            newY[k] = y[points[k]];
        }
        return with().x(newX).y(newY).build();
    }
}
