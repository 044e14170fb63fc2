/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** A set of code points. */
final class CodePoints {

    /** Pairs of a first and a last, ascending. */
    private final int[] bounds;

    CodePoints(int... bounds) {
        this.bounds = bounds;
    }

    /** Of ranges that do not overlap. */
    static CodePoints union(List<int[]> ranges) {
        return new CodePoints(ranges.stream()
                .sorted(Comparator.comparingInt(range -> range[0]))
                .flatMapToInt(Arrays::stream)
                .toArray());
    }

    void addTo(List<int[]> ranges) {
        for (int i = 0; i < bounds.length; i += 2) {
            ranges.add(new int[] {bounds[i], bounds[i + 1]});
        }
    }

    boolean contains(int codePoint) {
        int low = 0;
        int high = bounds.length / 2 - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (codePoint < bounds[2 * middle]) {
                high = middle - 1;
            } else if (codePoint > bounds[2 * middle + 1]) {
                low = middle + 1;
            } else {
                return true;
            }
        }
        return false;
    }
}
