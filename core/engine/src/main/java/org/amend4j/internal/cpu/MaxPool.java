/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.Arrays;
import org.amend4j.internal.network.Window;

/**
 * The greatest elements of windows and their gradient.
 *
 * @param places address of where they are, y · width + x, ordered (n, y, x, channel); −1 where a window has nothing but padding
 */
record MaxPool(HostImage image, Window window, HostImage pooled, long places) {

    /** Elements in hand at a time. */
    private static final int TILE = 1024;

    private long places(int n, int y, int x) {
        long pixel = ((long) n * pooled.height() + y) * pooled.width() + x;
        return places + pixel * pooled.channels() * Integer.BYTES;
    }

    <A> void outputs(VectorLoops<A> lanes, int batch) {
        Search<A> search = new Search<>(lanes, this);
        for (int n = 0; n < batch; n++) {
            for (int y = 0; y < pooled.height(); y++) {
                search.line(n, y);
            }
        }
    }

    /** The arrays at work. */
    private static final class Search<A> {

        private final VectorLoops<A> lanes;
        private final MaxPool work;
        private final int channels;
        private final int tile;
        private final Reach down;
        private final Reach across;
        private final Phases<A> phases;
        private final RowCache<A> cache;
        private final Maxima<A> maxima;
        private final A greatest;
        private final int[] found;

        Search(VectorLoops<A> lanes, MaxPool work) {
            this.lanes = lanes;
            this.work = work;
            this.channels = work.pooled.channels();
            this.tile = Math.min(work.pooled.width(), Math.max(1, TILE / channels));
            this.down = Reach.outputs(work.window.y(), work.image.height());
            this.across = Reach.outputs(work.window.x(), work.image.width());
            this.phases = Phases.plain(lanes, work.image, across, 0);
            this.cache = phases.cache(down, 2);
            this.greatest = lanes.scratch(3, tile * channels);
            this.found = new int[tile * channels];
            int[] begins = new int[tile * channels];
            for (int k = 0; k < tile; k++) {
                Arrays.fill(begins, k * channels, (k + 1) * channels, k * across.sourceStep());
            }
            this.maxima = lanes.maxima(begins);
        }

        void line(int n, int y) {
            for (int first = 0; first < work.pooled.width(); first += tile) {
                int pixels = Math.min(tile, work.pooled.width() - first);
                maxima.clear();
                for (Reach.Run row : down.runs()) {
                    int source = down.source(row, y);
                    if (source >= 0) {
                        addRow(cache.at(n, source), source, first, pixels);
                    }
                }
                maxima.get(greatest, found, pixels * channels);
                work.pooled.store(lanes, greatest, 0, n, y, first, pixels);
                long bytes = (long) pixels * channels * Integer.BYTES;
                RawMemory.write(found, RawMemory.INTS, work.places(n, y, first), bytes);
            }
        }

        private void addRow(int at, int source, int first, int pixels) {
            for (Reach.Run run : across.runs()) {
                int from = Math.max(0, run.from() - first);
                int to = Math.min(pixels, run.to() - first);
                if (from < to) {
                    int x = (first + run.shift()) * across.sourceStep() + run.sourcePhase();
                    maxima.add(
                            cache.rows(),
                            at + phases.offset(0, run) + (first + from) * channels,
                            source * work.image.width() + x,
                            from * channels,
                            to * channels);
                }
            }
        }
    }

    /** Of outputs that {@code pooled} is the gradient of. */
    <A> void inputs(VectorLoops<A> lanes, int batch) {
        int length = pooled.row();
        RowSums<A> sums = new RowSums<>(lanes, image, window.y(), image.row(), 0, 0);
        A delta = lanes.scratch(1, length);
        int[] line = new int[length];
        for (int n = 0; n < batch; n++) {
            sums.begin(n);
            for (int y = 0; y < pooled.height(); y++) {
                pooled.load(lanes, n, y, delta, 0);
                RawMemory.read(places(n, y, 0), line, RawMemory.INTS, (long) length * Integer.BYTES);
                locate(line, sums.top() * image.width(), sums.nowhere());
                lanes.scatterAdd(delta, 0, line, sums.sums(), 0, length);
                sums.next();
            }
            sums.end();
        }
    }

    /** From places in the image to those of its elements, counted from a pixel on. */
    private void locate(int[] line, int first, int nowhere) {
        int channels = pooled.channels();
        for (int i = 0, channel = 0; i < line.length; i++) {
            line[i] = line[i] < 0 ? nowhere : (line[i] - first) * channels + channel;
            channel = channel + 1 == channels ? 0 : channel + 1;
        }
    }
}
