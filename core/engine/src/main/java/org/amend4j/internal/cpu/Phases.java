/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

/**
 * Rows split into phases, so that a run of a {@link Reach} takes from neighbouring elements. Channels may be repeated on the way
 * (the outputs of a depthwise convolution with a multiplier take from the same one), or dealt out to planes of their own (its
 * inputs take from several).
 */
final class Phases<A> implements RowCache.Loader<A> {

    private final VectorLoops<A> lanes;
    private final HostImage image;
    private final int step;
    private final int channels;
    private final int planes;
    private final int[] order;
    private final int phase;
    private final A line;
    private final A pixel;

    /**
     * @param channels of a pixel in a plane
     * @param order the image's channel for each of the planes' ones, plane by plane; empty for all as they are
     * @param slot of the scratch from which on three are used
     */
    Phases(VectorLoops<A> lanes, HostImage image, Reach across, int channels, int planes, int[] order, int slot) {
        this.lanes = lanes;
        this.image = image;
        this.step = across.sourceStep();
        this.channels = channels;
        this.planes = planes;
        this.order = order;
        this.phase = across.sourcesInPhase() * channels;
        this.line = lanes.scratch(slot, image.row());
        this.pixel = lanes.scratch(slot + 1, planes * channels);
    }

    /** All channels as they are. */
    static <A> Phases<A> plain(VectorLoops<A> lanes, HostImage image, Reach across, int slot) {
        return new Phases<>(lanes, image, across, image.channels(), 1, new int[0], slot);
    }

    /** Elements of a row. */
    int length() {
        return planes * step * phase;
    }

    /** A cache of rows. */
    RowCache<A> cache(Reach down, int slot) {
        int slots = down.sourcesAtHand();
        return new RowCache<>(lanes.scratch(slot, slots * length()), slots, length(), this);
    }

    /** Where in a row a run's source for its target 0 would be. */
    int offset(int plane, Reach.Run run) {
        return (plane * step + run.sourcePhase()) * phase + run.shift() * channels;
    }

    @Override
    public void load(int n, int y, A rows, int at) {
        if (step == 1 && order.length == 0) {
            image.load(lanes, n, y, rows, at);
        } else {
            image.load(lanes, n, y, line, 0);
            spread(line, rows, at);
        }
    }

    /** A row to its phases. */
    void spread(A from, A rows, int at) {
        int pixels = image.width();
        for (int x = 0; x < pixels; x++) {
            int to = at + x % step * phase + x / step * channels;
            if (order.length == 0) {
                lanes.copy(from, x * channels, rows, to, channels);
                continue;
            }
            lanes.gather(from, x * image.channels(), order, pixel, 0, order.length);
            for (int plane = 0; plane < planes; plane++) {
                lanes.copy(pixel, plane * channels, rows, to + plane * step * phase, channels);
            }
        }
    }
}
