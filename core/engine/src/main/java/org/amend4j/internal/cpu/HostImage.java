/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import org.amend4j.internal.backend.ImageView;

/**
 * A batch of images on the host, its address looked up. Kernels get and give rows [width, channels], whichever the layout.
 *
 * @param address of its first element
 */
record HostImage(long address, boolean channelsFirst, int channels, int height, int width) {

    /** Scratch for rows of images with channels first; kernels use lower slots. */
    private static final int SLOT = 8;

    /** @throws IllegalArgumentException if its numbers are not of the type that the others have */
    static HostImage of(HostMachine machine, VectorLoops<?> lanes, ImageView image) {
        return new HostImage(
                machine.address(lanes, image.array()),
                image.channelsFirst(),
                image.channels(),
                image.height(),
                image.width());
    }

    /** Elements of a row. */
    int row() {
        return width * channels;
    }

    /** Where a pixel is, or with channels first its first channel. */
    private long address(VectorLoops<?> lanes, int n, int y, int x) {
        long element = channelsFirst
                ? ((long) n * channels * height + y) * width + x
                : (((long) n * height + y) * width + x) * channels;
        return address + element * lanes.bytes();
    }

    /** to[at..at + row) = a row. */
    <A> void load(VectorLoops<A> lanes, int n, int y, A to, int at) {
        long from = address(lanes, n, y, 0);
        if (!channelsFirst) {
            lanes.load(from, to, at, row());
            return;
        }
        A planes = lanes.scratch(SLOT, row());
        A pixels = lanes.scratch(SLOT + 1, row());
        lanes.loadRows(from, (long) height * width, planes, channels, width);
        lanes.transpose(planes, pixels, channels, width);
        lanes.copy(pixels, 0, to, at, row());
    }

    /** to[at..at + count · channels) = every {@code step}-th pixel of a row from x on; channels are last. */
    <A> void load(VectorLoops<A> lanes, int n, int y, int x, int step, A to, int at, int count) {
        long from = address(lanes, n, y, x);
        lanes.loadRows(from, (long) step * channels, to, at, count, channels);
    }

    /** Some pixels of a row, from x on, = from[at..at + count · channels). */
    <A> void store(VectorLoops<A> lanes, A from, int at, int n, int y, int x, int count) {
        long to = address(lanes, n, y, x);
        if (!channelsFirst) {
            lanes.store(from, at, to, count * channels);
            return;
        }
        A planes = lanes.scratch(SLOT, row());
        A pixels = lanes.scratch(SLOT + 1, row());
        lanes.copy(from, at, pixels, 0, count * channels);
        lanes.transpose(pixels, planes, count, channels);
        lanes.storeRows(planes, to, (long) height * width, channels, count);
    }
}
