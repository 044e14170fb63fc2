/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import org.amend4j.internal.network.PatchOrder;
import org.amend4j.internal.network.Window;

/**
 * Copies of windows side by side, and the sums of such copies, from rows with the padding around them. An image's elements are ordered
 * (pixel, channel): of columns (channel, tap) they are picked one by one, of columns (tap, channel) they are copied in runs.
 *
 * @param patches their address
 */
record Patches(HostImage image, Window window, PatchOrder order, long patches) {

    /** Elements of patches in hand at a time. */
    private static final int TILE = 4 * VectorLoops.PIECE;

    /** Elements of a patch. */
    private int columns() {
        return image.channels() * window.taps();
    }

    /** Patches in hand at a time. */
    private int tile() {
        return Math.min(window.x().out(), Math.max(1, TILE / columns()));
    }

    private long address(VectorLoops<?> lanes, int n, int y, int x) {
        long patch = ((long) n * window.y().out() + y) * window.x().out() + x;
        return patches + patch * columns() * lanes.bytes();
    }

    /** Elements in front of a row. */
    private int front() {
        return window.x().pad() * image.channels();
    }

    /** Elements of a row with all that windows reach. */
    private int length() {
        Window.Span x = window.x();
        int reached = (x.out() - 1) * x.step() + (x.kernel() - 1) * x.dilation() + 1;
        return Math.max(reached, x.pad() + image.width()) * image.channels();
    }

    /** Elements from one window to the next in a row. */
    private int step() {
        return window.x().step() * image.channels();
    }

    /** Where the columns of a line's first window are. */
    private void place(int[] rows, int[] places) {
        int channels = image.channels();
        int alone = isTapsFirst() ? 1 : channels;
        int reach = window.x().dilation() * channels;
        int column = 0;
        for (int channel = 0; channel < alone; channel++) {
            for (int row : rows) {
                for (int tap = 0; tap < window.x().kernel(); tap++) {
                    for (int beside = 0; beside < channels / alone; beside++) {
                        places[column++] = row + tap * reach + channel + beside;
                    }
                }
            }
        }
    }

    private boolean isTapsFirst() {
        return order == PatchOrder.TAP_CHANNEL;
    }

    /** Neighbouring columns that are neighbours in the image, too. */
    private int run() {
        if (!isTapsFirst()) {
            return window.taps() == 1 ? image.channels() : 1;
        }
        return window.x().dilation() == 1 ? image.channels() * window.x().kernel() : image.channels();
    }

    /** Patches from an image. */
    <A> void copy(VectorLoops<A> lanes, int batch) {
        Window.Span down = window.y();
        int slots = (down.kernel() - 1) * down.dilation() + 1;
        int length = length();
        A rows = lanes.scratch(0, (slots + 1) * length);
        lanes.fill(rows, 0, (slots + 1) * length, 0);
        A some = lanes.scratch(1, tile() * columns());
        RowCache<A> cache =
                new RowCache<>(rows, slots, length, (n, y, to, at) -> image.load(lanes, n, y, to, at + front()));
        int[] begins = new int[down.kernel()];
        int[] places = new int[columns()];
        for (int n = 0; n < batch; n++) {
            for (int out = 0; out < down.out(); out++) {
                for (int tap = 0; tap < begins.length; tap++) {
                    int y = out * down.step() - down.pad() + tap * down.dilation();
                    begins[tap] = y >= 0 && y < image.height() ? cache.at(n, y) : slots * length;
                }
                place(begins, places);
                copyLine(lanes, rows, places, some, address(lanes, n, out, 0));
            }
        }
    }

    private <A> void copyLine(VectorLoops<A> lanes, A rows, int[] places, A some, long to) {
        int columns = columns();
        int tile = tile();
        int run = run();
        for (int first = 0; first < window.x().out(); first += tile) {
            int count = Math.min(tile, window.x().out() - first);
            for (int k = 0; k < count; k++) {
                int from = (first + k) * step();
                if (run == 1) {
                    lanes.gather(rows, from, places, some, k * columns, columns);
                }
                for (int at = 0; at < columns && run > 1; at += run) {
                    lanes.copy(rows, from + places[at], some, k * columns + at, run);
                }
            }
            lanes.store(some, to + (long) first * columns * lanes.bytes(), count * columns);
        }
    }

    /** Images from patches, summed up. */
    <A> void sum(VectorLoops<A> lanes, int batch) {
        Window.Span down = window.y();
        RowSums<A> sums = new RowSums<>(lanes, image, down, length(), front(), 0);
        A some = lanes.scratch(1, tile() * columns());
        int[] begins = new int[down.kernel()];
        for (int tap = 0; tap < begins.length; tap++) {
            begins[tap] = tap * down.dilation() * length();
        }
        int[] places = new int[columns()];
        place(begins, places);
        for (int n = 0; n < batch; n++) {
            sums.begin(n);
            for (int out = 0; out < down.out(); out++) {
                addLine(lanes, address(lanes, n, out, 0), some, places, sums.sums());
                sums.next();
            }
            sums.end();
        }
    }

    private <A> void addLine(VectorLoops<A> lanes, long from, A some, int[] places, A sums) {
        int columns = columns();
        int tile = tile();
        for (int first = 0; first < window.x().out(); first += tile) {
            int count = Math.min(tile, window.x().out() - first);
            lanes.load(from + (long) first * columns * lanes.bytes(), some, count * columns);
            for (int k = 0; k < count; k++) {
                int to = (first + k) * step();
                if (window.taps() == 1) {
                    lanes.copy(some, k * columns, sums, to + places[0], columns);
                } else {
                    lanes.scatterAdd(some, k * columns, places, sums, to, columns);
                }
            }
        }
    }
}
