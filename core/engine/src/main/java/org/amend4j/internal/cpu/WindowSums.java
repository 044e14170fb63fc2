/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.Arrays;
import java.util.Optional;
import org.amend4j.internal.network.Window;

/**
 * Sums or averages over windows, or their gradients, which are sums from outputs to inputs: first down, of whole rows, then
 * across, of runs of neighbouring pixels.
 *
 * @param gradient whether sums are from outputs to inputs
 * @param sizes what outputs are divided by, if it is averages
 */
record WindowSums(HostImage from, HostImage to, Reach down, Reach across, boolean gradient, Optional<Sizes> sizes) {

    /** Elements of a window: of its rows, by the output's row, times of its columns. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Sizes(int[] rows, int[] columns) {

        /** @param countPadding whether a window has all its elements everywhere */
        static Sizes of(Window window, int height, int width, boolean countPadding) {
            return new Sizes(along(window.y(), height, countPadding), along(window.x(), width, countPadding));
        }

        private static int[] along(Window.Span span, int length, boolean countPadding) {
            int[] sizes = new int[span.out()];
            if (countPadding) {
                Arrays.fill(sizes, span.kernel());
                return sizes;
            }
            for (Reach.Run run : Reach.outputs(span, length).runs()) {
                for (int out = run.from(); out < run.to(); out++) {
                    sizes[out]++;
                }
            }
            return sizes;
        }
    }

    static WindowSums outputs(HostImage image, Window window, HostImage to, Optional<Sizes> sizes) {
        Reach down = Reach.outputs(window.y(), image.height());
        return new WindowSums(image, to, down, Reach.outputs(window.x(), image.width()), false, sizes);
    }

    static WindowSums inputs(HostImage delta, Window window, HostImage image, Optional<Sizes> sizes) {
        Reach down = Reach.inputs(window.y(), image.height());
        return new WindowSums(delta, image, down, Reach.inputs(window.x(), image.width()), true, sizes);
    }

    <A> void run(VectorLoops<A> lanes, int batch) {
        Pass<A> pass = new Pass<>(lanes, this);
        for (int n = 0; n < batch; n++) {
            for (int y = 0; y < to.height(); y++) {
                pass.line(n, y);
            }
        }
    }

    /** The arrays at work. */
    private static final class Pass<A> {

        private final VectorLoops<A> lanes;
        private final WindowSums work;
        private final int channels;
        private final Phases<A> phases;
        private final A row;
        private final A column;
        private final A split;
        private final A sum;
        private final A term;
        private final A line;
        private final Divisors<A> divisors;

        Pass(VectorLoops<A> lanes, WindowSums work) {
            this.lanes = lanes;
            this.work = work;
            this.channels = work.to.channels();
            this.phases = Phases.plain(lanes, work.from, work.across, 0);
            this.row = lanes.scratch(2, work.from.row());
            this.column = lanes.scratch(3, work.from.row());
            this.split = work.across.sourceStep() == 1 ? column : lanes.scratch(4, phases.length());
            this.sum = lanes.scratch(5, work.to.row());
            this.term = lanes.scratch(6, work.to.row());
            this.line = work.across.targetStep() == 1 ? sum : lanes.scratch(4, work.to.row());
            this.divisors = new Divisors<>(lanes, work.sizes, channels);
        }

        void line(int n, int y) {
            down(n, y);
            if (split != column) {
                phases.spread(column, split, 0);
            }
            int step = work.across.targetStep();
            for (int phase = 0; phase < step; phase++) {
                int count = work.across.targetsIn(phase);
                across(phase, count);
                for (int k = 0; k < count && step > 1; k++) {
                    lanes.copy(sum, k * channels, line, (k * step + phase) * channels, channels);
                }
            }
            if (!work.gradient) {
                divisors.divide(line, y);
            }
            work.to.store(lanes, line, 0, n, y, 0, work.to.width());
        }

        private void down(int n, int y) {
            lanes.fill(column, 0, work.from.row(), 0);
            for (Reach.Run run : work.down.runs()) {
                int source = work.down.source(run, y);
                if (source >= 0) {
                    work.from.load(lanes, n, source, row, 0);
                    if (work.gradient) {
                        divisors.divide(row, source);
                    }
                    lanes.add(column, row, work.from.row());
                }
            }
        }

        private void across(int phase, int count) {
            lanes.fill(sum, 0, count * channels, 0);
            for (Reach.Run run : work.across.runs()) {
                if (run.targetPhase() == phase) {
                    int from = run.from() * channels;
                    int to = run.to() * channels;
                    lanes.copy(split, phases.offset(0, run) + from, term, from, to - from);
                    lanes.add(sum, term, from, to);
                }
            }
        }
    }

    /** The sizes of a line's windows, repeated for every channel. */
    private static final class Divisors<A> {

        private final VectorLoops<A> lanes;
        private final Optional<Sizes> sizes;
        private final int channels;
        private final A line;
        private int rows = -1;

        Divisors(VectorLoops<A> lanes, Optional<Sizes> sizes, int channels) {
            this.lanes = lanes;
            this.sizes = sizes;
            this.channels = channels;
            this.line =
                    lanes.scratch(7, sizes.map(counts -> counts.columns.length).orElse(0) * channels);
        }

        /** Divides a line of outputs, or of what they get. A window without elements has the sum 0. */
        void divide(A x, int out) {
            if (sizes.isEmpty()) {
                return;
            }
            int[] columns = sizes.get().columns;
            if (rows != sizes.get().rows[out]) {
                rows = sizes.get().rows[out];
                for (int k = 0; k < columns.length; k++) {
                    lanes.fill(line, k * channels, (k + 1) * channels, Math.max(1, (double) rows * columns[k]));
                }
            }
            lanes.divide(x, line, columns.length * channels);
        }
    }
}
