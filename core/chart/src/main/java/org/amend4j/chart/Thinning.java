/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.chart;

import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Fewer points for the same picture. Lines are those that are drawn, after scaling.
 *
 * @param x the axis across
 * @param y the axis up
 * @param width of the picture, in pixels
 * @param height of the picture, in pixels
 */
record Thinning(Scale x, Scale y, int width, int height) {

    /** A deviation that no one sees, in pixels. */
    private static final double UNSEEN = 0.5;

    /**
     * A line with fewer points: of every stretch of the axis the first, the lowest, the highest and the last, so that no spike is lost.
     *
     * @param stretches number of them, >= 1
     */
    Line stretches(Line line, int stretches) {
        if (line.x().length <= 4 * stretches) {
            return line;
        }
        BitSet kept = new BitSet(line.x().length);
        int[] starts = starts(line, stretches);
        for (int k = 0; k < starts.length; k++) {
            keep(line, kept, starts[k], k + 1 < starts.length ? starts[k + 1] : line.x().length);
        }
        return line.at(kept.stream().toArray());
    }

    /** The first point of every stretch that has points. */
    private int[] starts(Line line, int stretches) {
        return IntStream.range(0, line.x().length)
                .filter(i -> i == 0 || stretch(line, i, stretches) != stretch(line, i - 1, stretches))
                .toArray();
    }

    private int stretch(Line line, int point, int stretches) {
        return (int) Math.min(stretches - 1, Math.floor(x.share(line.x()[point]) * stretches));
    }

    private static void keep(Line line, BitSet kept, int from, int to) {
        int low = from;
        int high = from;
        for (int i = from; i < to; i++) {
            low = line.y()[i] < line.y()[low] ? i : low;
            high = line.y()[i] > line.y()[high] ? i : high;
        }
        kept.set(from);
        kept.set(low);
        kept.set(high);
        kept.set(to - 1);
    }

    /**
     * A line of stretches as long as they can be: those points alone without which it would be seen to be higher or lower somewhere
     * (Douglas and Peucker 1973).
     */
    Line straight(Line line) {
        BitSet kept = new BitSet(line.x().length);
        kept.set(0);
        kept.set(line.x().length - 1);
        straighten(line, kept, 0, line.x().length - 1);
        return line.at(kept.stream().toArray());
    }

    private void straighten(Line line, BitSet kept, int from, int to) {
        int farthest = from;
        double most = UNSEEN;
        for (int i = from + 1; i < to; i++) {
            double off = Math.abs(up(line, i) - between(line, from, to, i));
            if (off > most) {
                most = off;
                farthest = i;
            }
        }
        if (farthest > from) {
            kept.set(farthest);
            straighten(line, kept, from, farthest);
            straighten(line, kept, farthest, to);
        }
    }

    /** How high, in pixels, the straight line from a point to another is at the place of a third. */
    private double between(Line line, int from, int to, int at) {
        double length = x.share(line.x()[to]) - x.share(line.x()[from]);
        double share = length == 0 ? 0 : (x.share(line.x()[at]) - x.share(line.x()[from])) / length;
        return up(line, from) + share * (up(line, to) - up(line, from));
    }

    private double up(Line line, int point) {
        return y.share(line.y()[point]) * height;
    }

    /** Points without those that lie on another one's pixel, row by row. */
    Line marks(Line line) {
        Map<Double, Map<Double, Integer>> rows = new TreeMap<>();
        for (int i = 0; i < line.x().length; i++) {
            rows.computeIfAbsent(Math.floor(up(line, i)), row -> new TreeMap<>())
                    .putIfAbsent(Math.floor(x.share(line.x()[i]) * width), i);
        }
        return line.at(rows.values().stream()
                .flatMapToInt(row -> row.values().stream().mapToInt(Integer::intValue))
                .toArray());
    }
}
