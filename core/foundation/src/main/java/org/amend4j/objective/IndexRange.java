/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

import java.util.List;
import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;

/**
 * Contiguous elements of a parameter vector.
 *
 * @param from index of the first, >= 0
 * @param to one past the index of the last, > from
 */
public record IndexRange(int from, int to) implements Identified {

    /** @throws IllegalArgumentException if the range is empty or starts below 0 */
    public IndexRange {
        if (from < 0 || to <= from) {
            throw new IllegalArgumentException(
                    "a range must start at 0 or above and have elements, got [" + from + ", " + to + ")");
        }
    }

    @Override
    public Facts facts() {
        return Facts.of("IndexRange").with("from", from).with("to", to);
    }

    /** How many elements it has. */
    public int length() {
        return to - from;
    }

    /**
     * Checks that ranges ascend, do not overlap and end within a vector.
     *
     * @param dimension the vector's length
     * @throws IllegalArgumentException naming the range that does not, or if there are none
     */
    public static void requireAscending(List<IndexRange> ranges, int dimension) {
        if (ranges.isEmpty()) {
            throw new IllegalArgumentException("there must be at least one range, got none");
        }
        int end = 0;
        for (IndexRange range : ranges) {
            if (range.from < end || range.to > dimension) {
                throw new IllegalArgumentException("ranges must ascend, not overlap and end within " + dimension
                        + " elements, got [" + range.from + ", " + range.to + ")");
            }
            end = range.to;
        }
    }
}
