/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.internal.network.Activation;
import org.amend4j.internal.network.Window;

/**
 * A depthwise convolution, or its gradient with respect to the input, which is one from outputs to inputs: for every tap one long
 * multiply-add over neighbouring pixels and all channels.
 *
 * @param planes sources of a target and tap: of a gradient as many as the multiplier, else 1
 * @param order see {@link Phases}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Depthwise(HostImage from, HostImage to, Reach down, Reach across, int planes, int[] order, Factors factors) {

    /** Elements in hand at a time, so that sums and weights stay in the first cache. */
    private static final int TILE = 1024;

    /**
     * What is computed with.
     *
     * @param weights address of [kernelHeight, kernelWidth, channels, multiplier]
     * @param bias address of the targets', or 0
     * @param width the kernel's
     * @param taps kernelHeight · kernelWidth
     */
    record Factors(long weights, long bias, int width, int taps, Activation activation) {}

    static Depthwise outputs(HostImage image, Window window, HostImage to, Factors factors) {
        int multiplier = to.channels() / image.channels();
        int[] order = new int[multiplier == 1 ? 0 : to.channels()];
        for (int output = 0; output < order.length; output++) {
            order[output] = output / multiplier;
        }
        Reach down = Reach.outputs(window.y(), image.height());
        Reach across = Reach.outputs(window.x(), image.width());
        return new Depthwise(image, to, down, across, 1, order, factors);
    }

    static Depthwise inputs(HostImage delta, Window window, HostImage image, Factors factors) {
        int multiplier = delta.channels() / image.channels();
        int[] order = new int[multiplier == 1 ? 0 : delta.channels()];
        for (int k = 0; k < order.length; k++) {
            order[k] = k % image.channels() * multiplier + k / image.channels();
        }
        Reach down = Reach.inputs(window.y(), image.height());
        Reach across = Reach.inputs(window.x(), image.width());
        return new Depthwise(delta, image, down, across, multiplier, order, factors);
    }

    <A> void run(VectorLoops<A> lanes, int batch) {
        Pass<A> pass = new Pass<>(lanes, this);
        if (DepthwiseStrips.fits(this)) {
            new DepthwiseStrips<>(lanes, this, pass.tile, pass.bias, pass.weights).run(batch);
            return;
        }
        for (int n = 0; n < batch; n++) {
            for (int y = 0; y < to.height(); y++) {
                pass.line(n, y);
            }
        }
    }

    /** The arrays at work. */
    private static final class Pass<A> {

        private final VectorLoops<A> lanes;
        private final Depthwise work;
        private final int channels;
        private final int tile;
        private final Phases<A> phases;
        private final RowCache<A> cache;
        private final A sum;
        private final A term;
        private final A bias;
        private final A line;
        /** For each tap and plane. */
        private final List<A> weights = new ArrayList<>();

        Pass(VectorLoops<A> lanes, Depthwise work) {
            this.lanes = lanes;
            this.work = work;
            this.channels = work.to.channels();
            this.tile = Math.min(work.across.targetsIn(0), Math.max(1, TILE / channels));
            this.phases = new Phases<>(lanes, work.from, work.across, channels, work.planes, work.order, 0);
            this.cache = phases.cache(work.down, 2);
            this.sum = lanes.scratch(3, tile * channels);
            this.term = lanes.scratch(4, tile * channels);
            this.bias = lanes.scratch(5, tile * channels);
            this.line = lanes.scratch(6, work.to.row());
            prepare();
        }

        /** Bias and weights, repeated for every pixel of a tile. */
        private void prepare() {
            Factors factors = work.factors;
            lanes.fill(bias, 0, tile * channels, 0);
            for (int k = 0; k < tile && factors.bias != 0; k++) {
                lanes.load(factors.bias, bias, k * channels, channels);
            }
            int numbers = work.planes * channels;
            A loaded = lanes.make(numbers);
            A dealt = lanes.make(numbers);
            for (int tap = 0; tap < factors.taps; tap++) {
                lanes.load(factors.weights + (long) tap * numbers * lanes.bytes(), loaded, numbers);
                boolean inOrder = work.planes == 1;
                if (!inOrder) {
                    lanes.gather(loaded, 0, work.order, dealt, 0, numbers);
                }
                for (int plane = 0; plane < work.planes; plane++) {
                    A repeated = lanes.make(tile * channels);
                    for (int k = 0; k < tile; k++) {
                        lanes.copy(inOrder ? loaded : dealt, plane * channels, repeated, k * channels, channels);
                    }
                    weights.add(repeated);
                }
            }
        }

        void line(int n, int y) {
            int step = work.across.targetStep();
            for (int phase = 0; phase < step; phase++) {
                int count = work.across.targetsIn(phase);
                for (int first = 0; first < count; first += tile) {
                    int pixels = Math.min(tile, count - first);
                    lanes.copy(bias, 0, sum, 0, pixels * channels);
                    addTaps(n, y, phase, first, pixels);
                    lanes.activate(work.factors.activation, sum, pixels * channels);
                    if (step == 1) {
                        work.to.store(lanes, sum, 0, n, y, first, pixels);
                    }
                    for (int k = 0; k < pixels && step > 1; k++) {
                        int x = (first + k) * step + phase;
                        lanes.copy(sum, k * channels, line, x * channels, channels);
                    }
                }
            }
            if (step > 1) {
                work.to.store(lanes, line, 0, n, y, 0, work.to.width());
            }
        }

        private void addTaps(int n, int y, int phase, int first, int pixels) {
            for (Reach.Run row : work.down.runs()) {
                int source = work.down.source(row, y);
                if (source < 0) {
                    continue;
                }
                int at = cache.at(n, source);
                for (Reach.Run run : work.across.runs()) {
                    int from = Math.max(0, run.from() - first);
                    int to = Math.min(pixels, run.to() - first);
                    if (run.targetPhase() == phase && from < to) {
                        int tap = row.tap() * work.factors.width + run.tap();
                        addTap(at + first * channels, run, tap, from * channels, to * channels);
                    }
                }
            }
        }

        private void addTap(int at, Reach.Run run, int tap, int from, int to) {
            for (int plane = 0; plane < work.planes; plane++) {
                int source = at + phases.offset(plane, run) + from;
                lanes.copy(cache.rows(), source, term, from, to - from);
                lanes.multiplyAdd(sum, term, weights.get(tap * work.planes + plane), from, to);
            }
        }
    }
}
