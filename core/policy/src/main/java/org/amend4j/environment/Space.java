/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.internal.validation.Checks;
import org.amend4j.random.SplitMix64;

/**
 * The set of possible observations or actions. A point of every space is a {@code double[]} of {@link #size()} coordinates, so
 * that one loop serves all environments; a point of {@link Discrete} is its index in one coordinate.
 */
public sealed interface Space {

    /** Coordinates of a point, at least 1. */
    int size();

    /** Whether this is a point of the space; NaN never is. */
    boolean contains(double... point);

    /**
     * One point, uniform where the space is bounded.
     *
     * @throws IllegalStateException if the space has infinite bounds: there is no uniform point
     */
    double[] sample(SplitMix64 random);

    /**
     * The nearest point, coordinate by coordinate: boxes clip, other coordinates stay as they are. Policies send it to their environments.
     *
     * @param point one number per coordinate, none NaN
     */
    default double[] nearest(double... point) {
        return point.clone();
    }

    /** Flags of a mask of allowed actions, if this is a space of actions: one for each value of each coordinate; 0 for none. */
    default int flags() {
        return 0;
    }

    /** The integers 0, ..., count - 1. */
    record Discrete(int count) implements Space {

        public Discrete {
            Checks.atLeast(1, "count", count);
        }

        @Override
        public int size() {
            return 1;
        }

        @Override
        public int flags() {
            return count;
        }

        @Override
        public boolean contains(double... point) {
            return point.length == 1 && point[0] >= 0 && point[0] < count && point[0] == Math.rint(point[0]);
        }

        @Override
        public double[] sample(SplitMix64 random) {
            return new double[] {random.nextInt(count)};
        }

        /**
         * One allowed point, uniform. Unlike Gymnasium, which answers 0, a mask without any allowed point is refused.
         *
         * @param allowed one flag per point
         */
        public double[] sample(SplitMix64 random, boolean[] allowed) {
            if (allowed.length != count) {
                throw new IllegalArgumentException("mask must have " + count + " flags, got " + allowed.length);
            }
            int[] points = new int[count];
            int n = 0;
            for (int i = 0; i < count; i++) {
                if (allowed[i]) {
                    points[n++] = i;
                }
            }
            if (n == 0) {
                throw new IllegalArgumentException("mask must allow at least 1 of " + count + " points, got none");
            }
            return new double[] {points[random.nextInt(n)]};
        }

        /**
         * The index that a point stands for.
         *
         * @throws IllegalArgumentException if it is not a point of this space
         */
        public int index(double... point) {
            if (!contains(point)) {
                throw new IllegalArgumentException(
                        "index must be one integer in [0, " + (count - 1) + "], got " + Arrays.toString(point));
            }
            return (int) point[0];
        }
    }

    /** Several integers at once, the i-th of them in 0, ..., counts[i] - 1. */
    @SuppressWarnings("ArrayRecordComponent") // copied in and out, compared by content
    record MultiDiscrete(int[] counts) implements Space {

        public MultiDiscrete {
            Checks.atLeast(1, "number of counts", counts.length);
            for (int count : counts) {
                Checks.atLeast(1, "count", count);
            }
            counts = counts.clone();
        }

        /** Of so many values each. */
        public static MultiDiscrete of(int... counts) {
            return new MultiDiscrete(counts);
        }

        @Override
        public int[] counts() {
            return counts.clone();
        }

        @Override
        public int size() {
            return counts.length;
        }

        @Override
        public int flags() {
            return Arrays.stream(counts).sum();
        }

        @Override
        public boolean contains(double... point) {
            if (point.length != counts.length) {
                return false;
            }
            for (int i = 0; i < counts.length; i++) {
                if (!(point[i] >= 0 && point[i] < counts[i] && point[i] == Math.rint(point[i]))) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public double[] sample(SplitMix64 random) {
            return Arrays.stream(counts).mapToDouble(random::nextInt).toArray();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof MultiDiscrete discrete && Arrays.equals(counts, discrete.counts);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(counts);
        }

        @Override
        public String toString() {
            return "MultiDiscrete" + Arrays.toString(counts);
        }
    }

    /**
     * Points of several spaces, one after the other in one row of coordinates.
     *
     * @param parts by name, in the order of their coordinates; at least one
     */
    record Dict(Map<String, Space> parts) implements Space {

        public Dict {
            Checks.atLeast(1, "number of parts", parts.size());
            parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
        }

        @Override
        public int size() {
            return parts.values().stream().mapToInt(Space::size).sum();
        }

        @Override
        public boolean contains(double... point) {
            if (point.length != size()) {
                return false;
            }
            int at = 0;
            for (Space part : parts.values()) {
                if (!part.contains(Arrays.copyOfRange(point, at, at + part.size()))) {
                    return false;
                }
                at += part.size();
            }
            return true;
        }

        @Override
        public double[] sample(SplitMix64 random) {
            return parts.values().stream()
                    .flatMapToDouble(part -> Arrays.stream(part.sample(random)))
                    .toArray();
        }

        @Override
        public double[] nearest(double... point) {
            double[] nearest = point.clone();
            int at = 0;
            for (Space part : parts.values()) {
                int end = at + part.size();
                System.arraycopy(part.nearest(Arrays.copyOfRange(point, at, end)), 0, nearest, at, part.size());
                at = end;
            }
            return nearest;
        }

        /** Also by the order of the parts: it is the order of the coordinates. */
        @Override
        public boolean equals(Object other) {
            return other instanceof Dict dict
                    && List.copyOf(parts.entrySet()).equals(List.copyOf(dict.parts.entrySet()));
        }

        @Override
        public int hashCode() {
            return parts.hashCode();
        }
    }

    /** All points between two corners, both included; bounds may be infinite. */
    @SuppressWarnings("ArrayRecordComponent") // copied in and out, compared by content
    record Box(double[] low, double[] high) implements Space {

        public Box {
            if (low.length == 0 || low.length != high.length) {
                throw new IllegalArgumentException(
                        "low and high must have the same length >= 1, got " + low.length + " and " + high.length);
            }
            for (int i = 0; i < low.length; i++) {
                if (!(low[i] <= high[i])) {
                    throw new IllegalArgumentException(
                            "low must be <= high, got [" + low[i] + ", " + high[i] + "] (coordinate " + i + ")");
                }
            }
            low = low.clone();
            high = high.clone();
        }

        /** [-bound, bound] in every coordinate. */
        public static Box symmetric(double... bound) {
            double[] low = new double[bound.length];
            for (int i = 0; i < low.length; i++) {
                low[i] = -bound[i];
            }
            return new Box(low, bound);
        }

        @Override
        public double[] low() {
            return low.clone();
        }

        @Override
        public double[] high() {
            return high.clone();
        }

        @Override
        public int size() {
            return low.length;
        }

        @Override
        public boolean contains(double... point) {
            if (point.length != low.length) {
                return false;
            }
            for (int i = 0; i < low.length; i++) {
                if (!(point[i] >= low[i] && point[i] <= high[i])) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public double[] sample(SplitMix64 random) {
            double[] point = new double[low.length];
            for (int i = 0; i < point.length; i++) {
                if (Double.isInfinite(low[i]) || Double.isInfinite(high[i])) {
                    throw new IllegalStateException(
                            "sample needs finite bounds, got [" + low[i] + ", " + high[i] + "] (coordinate " + i + ")");
                }
                point[i] = random.uniform(low[i], high[i]);
            }
            return point;
        }

        @Override
        public double[] nearest(double... point) {
            double[] nearest = new double[low.length];
            for (int i = 0; i < nearest.length; i++) {
                nearest[i] = Math.min(Math.max(point[i], low[i]), high[i]);
            }
            return nearest;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Box box && Arrays.equals(low, box.low) && Arrays.equals(high, box.high);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(low) + Arrays.hashCode(high);
        }

        @Override
        public String toString() {
            return "Box[low=" + Arrays.toString(low) + ", high=" + Arrays.toString(high) + "]";
        }
    }
}
