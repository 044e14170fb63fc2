/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.host;

import java.util.ArrayList;
import java.util.List;

/**
 * A {@link Depthwise} convolution of images with channels last whose targets take from one channel each and lie next to one another:
 * strips of pixels, from top to bottom. What a tap takes is copied once for all the rows that its window goes through, straight from
 * the image, and the three taps of a row are added in one loop.
 */
final class DepthwiseStrips<A> {

    private final Lanes<A> lanes;
    private final Depthwise work;
    private final int channels;
    private final int pixels;
    private final List<Reach.Run> runs;
    /** Rows at hand, of each what its taps take. */
    private final List<List<A>> taken = new ArrayList<>();

    private final RowCache<A> rows;
    private final A bias;
    private final A sum;
    /** By tap, repeated for every pixel of a strip. */
    private final List<A> weights;
    /** The image at work. */
    private int image;
    /** The first pixel of the strip at work. */
    private int first;
    /** Its pixels. */
    private int count;

    DepthwiseStrips(Lanes<A> lanes, Depthwise work, int pixels, A bias, List<A> weights) {
        this.lanes = lanes;
        this.work = work;
        this.channels = work.to().channels();
        this.pixels = pixels;
        this.runs = work.across().runs();
        this.bias = bias;
        this.weights = weights;
        this.sum = lanes.scratch(3, pixels * channels);
        int slots = work.down().sourcesAtHand();
        for (int slot = 0; slot < slots; slot++) {
            taken.add(arrays(runs.size()));
        }
        this.rows = new RowCache<>(sum, slots, 1, (strip, y, unused, slot) -> take(y, taken.get(slot)));
    }

    private List<A> arrays(int number) {
        List<A> arrays = new ArrayList<>();
        for (int k = 0; k < number; k++) {
            arrays.add(lanes.make(pixels * channels));
        }
        return arrays;
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
            first = strip % strips * pixels;
            count = Math.min(pixels, width - first);
            for (int y = 0; y < work.to().height(); y++) {
                line(strip, y);
            }
        }
    }

    /** @param strip its number among those of all images */
    private void line(int strip, int y) {
        lanes.copy(bias, 0, sum, 0, count * channels);
        for (Reach.Run row : work.down().runs()) {
            int source = work.down().source(row, y);
            if (source >= 0) {
                add(
                        taken.get(rows.at(strip, source)),
                        row.tap() * work.factors().width());
            }
        }
        lanes.activate(work.factors().activation(), sum, count * channels);
        work.to().store(lanes, sum, 0, image, y, first, count);
    }

    /** What the taps of a row take of an image's row. */
    private void take(int y, List<A> to) {
        for (int k = 0; k < runs.size(); k++) {
            Reach.Run run = runs.get(k);
            int from = from(run);
            int pixelsTaken = to(run) - from;
            if (pixelsTaken > 0) {
                int step = work.across().sourceStep();
                int source = (first + from + run.shift()) * step + run.sourcePhase();
                work.from().load(lanes, image, y, source, step, to.get(k), from * channels, pixelsTaken);
            }
        }
    }

    /** The strip's first pixel that a tap reaches. */
    private int from(Reach.Run run) {
        return Math.max(0, run.from() - first);
    }

    /** The one behind the last. */
    private int to(Reach.Run run) {
        return Math.min(count, run.to() - first);
    }

    /** Adds the taps of a row, three at once where all of three reach. */
    private void add(List<A> sources, int tap) {
        if (runs.size() != 3) {
            addEach(sources, tap, 0, 0);
            return;
        }
        int from = runs.stream().mapToInt(this::from).max().orElseThrow() * channels;
        int to = Math.max(from, runs.stream().mapToInt(this::to).min().orElseThrow() * channels);
        lanes.multiplyAdd3(
                sum,
                sources.get(0),
                weights.get(tap + runs.get(0).tap()),
                sources.get(1),
                weights.get(tap + runs.get(1).tap()),
                sources.get(2),
                weights.get(tap + runs.get(2).tap()),
                from,
                to);
        addEach(sources, tap, from, to);
    }

    /** Adds each tap by itself, without the elements [from, to). */
    private void addEach(List<A> sources, int tap, int from, int to) {
        for (int k = 0; k < runs.size(); k++) {
            A weight = weights.get(tap + runs.get(k).tap());
            int begin = from(runs.get(k)) * channels;
            int end = to(runs.get(k)) * channels;
            lanes.multiplyAdd(sum, sources.get(k), weight, begin, Math.min(from, end));
            lanes.multiplyAdd(sum, sources.get(k), weight, Math.max(to, begin), end);
        }
    }
}
