/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import org.amend4j.internal.network.Window;

/**
 * The rows of an image that windows of one line of outputs reach, as sums that what belongs to the windows is added to; a row is
 * stored when the windows have moved on.
 */
final class RowSums<A> {

    private final VectorLoops<A> lanes;
    private final HostImage image;
    private final Window.Span down;
    private final int length;
    private final int front;
    private final int rows;
    private final A sums;
    private int n;
    private int top;

    /**
     * @param length of a row
     * @param front elements in front of its first pixel
     * @param slot of the scratch
     */
    RowSums(VectorLoops<A> lanes, HostImage image, Window.Span down, int length, int front, int slot) {
        this.lanes = lanes;
        this.image = image;
        this.down = down;
        this.length = length;
        this.front = front;
        this.rows = Math.max((down.kernel() - 1) * down.dilation() + 1, down.step());
        this.sums = lanes.scratch(slot, rows * length + 1);
    }

    /** The first row is that of the windows' first tap. */
    A sums() {
        return sums;
    }

    /** The image's row that the first one is, below 0 in the padding. */
    int top() {
        return top;
    }

    /** Where something can be added that belongs to no row. */
    int nowhere() {
        return rows * length;
    }

    /** An image with the windows at its top. */
    void begin(int image) {
        n = image;
        top = -down.pad();
        lanes.fill(sums, 0, rows * length, 0);
    }

    /** Moves the windows one output down. */
    void next() {
        for (int row = 0; row < down.step(); row++) {
            int y = top + row;
            if (y >= 0 && y < image.height()) {
                image.store(lanes, sums, row * length + front, n, y, 0, image.width());
            }
        }
        int kept = (rows - down.step()) * length;
        lanes.copy(sums, down.step() * length, sums, 0, kept);
        lanes.fill(sums, kept, rows * length, 0);
        top += down.step();
    }

    /** Stores what is left. */
    void end() {
        while (top < image.height()) {
            next();
        }
    }
}
