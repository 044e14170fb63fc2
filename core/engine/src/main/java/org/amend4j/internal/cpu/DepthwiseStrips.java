/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.ArrayList;
import java.util.List;

/**
 * A {@link Depthwise} convolution of images with channels last whose targets take from one channel each and lie next to one another:
 * strips of pixels, from top to bottom. What a tap takes is copied once for all the rows that its window goes through, straight from
 * the image, and the three taps of a row are added in one loop.
 */
final class DepthwiseStrips<A> {

    private final VectorLoops<A> lanes;
    private final Depthwise work;
    private final int channels;
    private final int pixels;
    private final Tap<A>[] taps;
    private final RowCache<A> rows;
    private final A bias;
    private final A sum;
    /** The image at work. */
    private int image;
    /** The first pixel of the strip at work. */
    private int first;
    /** Its pixels. */
    private int count;
    /** The elements of the strip that each of the taps reaches. */
    private int from;

    private int to;

    /** A tap of a row. */
    private static final class Tap<A> {

        private final Reach.Run run;
        /** For each of the rows at hand what it takes. */
        private final List<A> taken = new ArrayList<>();
        /** For each of the window's rows, repeated for every pixel of a strip. */
        private final List<A> weights = new ArrayList<>();
        /** The elements of the strip at work that it reaches. */
        private int from;

        private int to;

        Tap(Reach.Run run) {
            this.run = run;
        }
    }

    @SuppressWarnings("unchecked") // an array of generics
    DepthwiseStrips(VectorLoops<A> lanes, Depthwise work, int pixels, A bias, List<A> weights) {
        this.lanes = lanes;
        this.work = work;
        this.channels = work.to().channels();
        this.pixels = pixels;
        this.bias = bias;
        this.sum = lanes.scratch(3, pixels * channels);
        int slots = work.down().sourcesAtHand();
        this.rows = new RowCache<>(sum, slots, 1, (strip, y, unused, slot) -> take(y, slot));
        this.taps = work.across().runs().stream().map(Tap<A>::new).toArray(Tap[]::new);
        for (Tap<A> tap : taps) {
            for (int slot = 0; slot < slots; slot++) {
                tap.taken.add(lanes.make(pixels * channels));
            }
            for (int at = tap.run.tap();
                    at < weights.size();
                    at += work.factors().width()) {
                tap.weights.add(weights.get(at));
            }
        }
    }

    /** Whether a convolution is one of these. */
    static boolean fits(Depthwise work) {
        return work.planes() == 1
                && work.order().length == 0
                && work.across().targetStep() == 1
                && !work.from().channelsFirst()
                && !work.to().channelsFirst();
    }

    void run(int batch) {
        int width = work.to().width();
        int strips = (width + pixels - 1) / pixels;
        for (int strip = 0; strip < batch * strips; strip++) {
            image = strip / strips;
            begin(strip % strips * pixels, width);
            for (int y = 0; y < work.to().height(); y++) {
                line(strip, y);
            }
        }
    }

    private void begin(int pixel, int width) {
        first = pixel;
        count = Math.min(pixels, width - first);
        from = 0;
        to = count * channels;
        for (Tap<A> tap : taps) {
            tap.from = Math.max(0, tap.run.from() - first) * channels;
            tap.to = Math.min(count, tap.run.to() - first) * channels;
            from = Math.max(from, tap.from);
            to = Math.min(to, tap.to);
        }
        if (taps.length != 3 || from > to) {
            from = 0;
            to = 0;
        }
    }

    /** @param strip its number among those of all images */
    private void line(int strip, int y) {
        lanes.copy(bias, 0, sum, 0, count * channels);
        List<Reach.Run> down = work.down().runs();
        for (int k = 0; k < down.size(); k++) {
            int source = work.down().source(down.get(k), y);
            if (source >= 0) {
                add(rows.at(strip, source), down.get(k).tap());
            }
        }
        lanes.activate(work.factors().activation(), sum, count * channels);
        work.to().store(lanes, sum, 0, image, y, first, count);
    }

    /** What the taps of a row take of an image's row. */
    private void take(int y, int slot) {
        int step = work.across().sourceStep();
        for (Tap<A> tap : taps) {
            if (tap.from < tap.to) {
                int source = (first + tap.from / channels + tap.run.shift()) * step + tap.run.sourcePhase();
                int taken = (tap.to - tap.from) / channels;
                work.from().load(lanes, image, y, source, step, tap.taken.get(slot), tap.from, taken);
            }
        }
    }

    /** Adds the taps of a row, three at once where all of three reach. */
    private void add(int slot, int row) {
        if (from < to) {
            lanes.multiplyAdd3(
                    sum,
                    taps[0].taken.get(slot),
                    taps[0].weights.get(row),
                    taps[1].taken.get(slot),
                    taps[1].weights.get(row),
                    taps[2].taken.get(slot),
                    taps[2].weights.get(row),
                    from,
                    to);
        }
        for (Tap<A> tap : taps) {
            A taken = tap.taken.get(slot);
            A weight = tap.weights.get(row);
            if (from == to) {
                lanes.multiplyAdd(sum, taken, weight, tap.from, tap.to);
            } else {
                lanes.multiplyAdd(sum, taken, weight, tap.from, from);
                lanes.multiplyAdd(sum, taken, weight, to, tap.to);
            }
        }
    }
}
