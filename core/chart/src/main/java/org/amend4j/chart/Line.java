/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.chart;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.Arrays;
import java.util.BitSet;
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

    /**
     * The same line with fewer points: of every stretch of the axis the first, the lowest, the highest and the last, so that no spike is
     * lost.
     *
     * @param stretches number of them, >= 1
     * @param xIsLogarithmic whether stretches are as long on a logarithmic axis
     */
    Line thinned(int stretches, boolean xIsLogarithmic) {
        if (x.length <= 4 * stretches || style == Style.POINTS) {
            return this;
        }
        BitSet kept = new BitSet(x.length);
        int[] starts = starts(stretches, xIsLogarithmic);
        for (int k = 0; k < starts.length; k++) {
            keep(kept, starts[k], k + 1 < starts.length ? starts[k + 1] : x.length);
        }
        return at(kept.stream().toArray());
    }

    /** The same line with one point of every stretch, its first, and the last of all; as {@link #thinned}, but spikes may be lost. */
    Line coarse(int stretches, boolean xIsLogarithmic) {
        if (x.length <= stretches + 1) {
            return this;
        }
        return at(IntStream.concat(Arrays.stream(starts(stretches, xIsLogarithmic)), IntStream.of(x.length - 1))
                .distinct()
                .toArray());
    }

    /** The first point of every stretch that has points. */
    private int[] starts(int stretches, boolean xIsLogarithmic) {
        return IntStream.range(0, x.length)
                .filter(i ->
                        i == 0 || stretch(i, stretches, xIsLogarithmic) != stretch(i - 1, stretches, xIsLogarithmic))
                .toArray();
    }

    private int stretch(int point, int stretches, boolean logarithmic) {
        double from = place(0, logarithmic);
        double share = (place(point, logarithmic) - from) / (place(x.length - 1, logarithmic) - from);
        return (int) Math.min(stretches - 1, Math.floor(share * stretches));
    }

    private double place(int point, boolean logarithmic) {
        return logarithmic ? Math.log(x[point]) : x[point];
    }

    private void keep(BitSet kept, int from, int to) {
        int low = from;
        int high = from;
        for (int i = from; i < to; i++) {
            low = y[i] < y[low] ? i : low;
            high = y[i] > y[high] ? i : high;
        }
        kept.set(from);
        kept.set(low);
        kept.set(high);
        kept.set(to - 1);
    }

    /**
     * The points that can be drawn.
     *
     * @param xIsLogarithmic whether x must be positive
     * @param yIsLogarithmic whether y must be positive
     */
    Line drawable(boolean xIsLogarithmic, boolean yIsLogarithmic) {
        int[] kept = IntStream.range(0, x.length)
                .filter(i -> Double.isFinite(x[i]) && Double.isFinite(y[i]))
                .filter(i -> !xIsLogarithmic || x[i] > 0)
                .filter(i -> !yIsLogarithmic || y[i] > 0)
                .toArray();
        return kept.length == x.length || kept.length == 0 ? this : at(kept);
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
    boolean isDrawable(boolean xIsLogarithmic, boolean yIsLogarithmic) {
        for (int i = 0; i < x.length; i++) {
            if (Double.isFinite(x[i])
                    && Double.isFinite(y[i])
                    && (!xIsLogarithmic || x[i] > 0)
                    && (!yIsLogarithmic || y[i] > 0)) {
                return true;
            }
        }
        return false;
    }

    private Line at(int[] points) {
        double[] newX = new double[points.length];
        double[] newY = new double[points.length];
        for (int k = 0; k < points.length; k++) {
            newX[k] = x[points[k]];
            newY[k] = y[points[k]];
        }
        return with().x(newX).y(newY).build();
    }
}
