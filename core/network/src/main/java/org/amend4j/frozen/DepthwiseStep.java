/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.util.Arrays;
import java.util.List;
import org.amend4j.network.Axis;

/**
 * A depthwise convolution, computed directly: for every tap one long multiply-add over neighbouring pixels and all
 * channels. Rows are kept padded with zeros and, for a stride s, split into s rows of every s-th pixel, so that each
 * tap reads consecutive floats.
 */
final class DepthwiseStep implements RowOperation {

    /** Sums and weights in hand at a time, in floats, so that they stay in the first cache. */
    private static final int TILE = 1024;

    private final RowShape.Layout layout;
    private final Axis height;
    private final Axis width;
    private final int channels;
    private final int multiplier;
    private final int out;
    private final int tilePixels;
    private final float[][] taps;
    private final Epilogue epilogue;

    /**
     * @param channels input channels
     * @param multiplier output channels per input channel
     * @param weights [kernelHeight, kernelWidth, channels, multiplier], row by row
     */
    DepthwiseStep(
            RowShape.Layout layout,
            Axis height,
            Axis width,
            int channels,
            int multiplier,
            float[] weights,
            Epilogue epilogue) {
        this.layout = layout;
        this.height = height;
        this.width = width;
        this.channels = channels;
        this.multiplier = multiplier;
        this.out = channels * multiplier;
        this.tilePixels = Math.max(1, TILE / out);
        this.taps = new float[height.kernel() * width.kernel()][];
        for (int tap = 0; tap < taps.length; tap++) {
            taps[tap] = Epilogue.repeated(Arrays.copyOfRange(weights, tap * out, (tap + 1) * out), tilePixels * out);
        }
        this.epilogue = epilogue;
    }

    @Override
    public boolean accepts(List<RowValue> inputs) {
        return Inputs.fits(inputs.get(0), layout, channels);
    }

    @Override
    public RowValue.Rows run(List<RowValue> inputs, Frame frame) {
        RowValue.Rows x = frame.rows(inputs.get(0), layout);
        RowShape in = x.shape();
        int outH = height.outputs(in.h());
        int outW = width.outputs(in.w());
        int front = height.front(in.h());
        RowValue.Rows z = frame.rows(new RowShape(in.n(), outH, outW, out, layout), epilogue);
        Bands.split(in.n() * outH, (long) outW * out * taps.length, (from, to, worker) -> {
            Scratch scratch = frame.scratch(worker);
            Lines lines = new Lines(x, outW, scratch);
            float[] line = scratch.out(outW * out);
            for (int at = from; at < to; at++) {
                int top = at % outH * height.stride() - front;
                lines.load(at / outH, top);
                convolve(lines, top, line, outW, scratch);
                epilogue.apply(line, outW * out);
                z.block().write((long) at * outW * out, line, 0, outW * out);
            }
        });
        epilogue.applyNative(z.block().front(z.shape().floats()));
        Inputs.release(x, inputs.get(0), frame);
        return new RowValue.Rows(z.block(), z.shape(), Frame.NOTHING);
    }

    /** One output line from the loaded rows, tile by tile. */
    private void convolve(Lines lines, int top, float[] line, int outW, Scratch scratch) {
        float[] sum = scratch.sum(tilePixels * out);
        float[] term = scratch.term(tilePixels * out);
        for (int o = 0; o < outW; o += tilePixels) {
            int length = Math.min(tilePixels, outW - o) * out;
            Arrays.fill(sum, 0, length, 0f);
            for (int tapY = 0; tapY < height.kernel(); tapY++) {
                int y = top + tapY * height.dilation();
                if (y < 0 || y >= lines.height()) {
                    continue;
                }
                for (int tapX = 0; tapX < width.kernel(); tapX++) {
                    System.arraycopy(lines.rows, lines.begin(y) + lines.offset(tapX, o), term, 0, length);
                    RowMath.multiplyAdd(sum, term, taps[tapY * width.kernel() + tapX], length);
                }
            }
            System.arraycopy(sum, 0, line, o * out, length);
        }
    }

    @Override
    public boolean readsPending() {
        return true;
    }

    @Override
    public String kind() {
        return "depthwise";
    }

    /** The input rows in hand: a ring of padded rows, each loaded once while the window moves down. */
    private final class Lines {
        private final RowValue.Rows x;
        private final RowShape in;
        private final int front;
        private final int padded;
        private final int phase;
        private final int slots;
        private final int[] held;
        private final float[] line;
        private final float[] rows;
        private int example = -1;

        Lines(RowValue.Rows x, int outW, Scratch scratch) {
            this.x = x;
            this.in = x.shape();
            this.front = width.front(in.w());
            this.padded = (outW - 1) * width.stride() + width.extent();
            this.phase = (padded + width.stride() - 1) / width.stride() * out;
            this.slots = height.extent();
            this.held = new int[slots];
            this.line = scratch.line(in.w() * channels);
            this.rows = scratch.rows(slots * phase * width.stride());
            Arrays.fill(rows, 0, slots * phase * width.stride(), 0f);
        }

        int height() {
            return in.h();
        }

        /** Where tap {@code tapX} of output pixel {@code o} lies within a row. */
        int offset(int tapX, int o) {
            int x0 = tapX * width.dilation();
            return x0 % width.stride() * phase + (o + x0 / width.stride()) * out;
        }

        /** Where a loaded input row begins. */
        int begin(int y) {
            return y % slots * phase * width.stride();
        }

        /** Makes sure that the input rows of a window are in hand. */
        void load(int wanted, int top) {
            if (example != wanted) {
                Arrays.fill(held, -1);
                example = wanted;
            }
            for (int tapY = 0; tapY < height.kernel(); tapY++) {
                int y = top + tapY * height.dilation();
                if (y >= 0 && y < in.h() && held[y % slots] != y) {
                    held[y % slots] = y;
                    x.block().read(((long) example * in.h() + y) * in.w() * channels, line, 0, in.w() * channels);
                    x.pending().apply(line, in.w() * channels);
                    spread(begin(y));
                }
            }
        }

        /** Copies the row in hand to its phases; pixels that no window reads are left out, zeros stay around. */
        private void spread(int begin) {
            int first = Math.max(0, -front);
            int last = Math.min(in.w(), padded - front);
            if (width.stride() == 1 && multiplier == 1) {
                System.arraycopy(
                        line, first * channels, rows, begin + (first + front) * channels, (last - first) * channels);
                return;
            }
            for (int pixel = first; pixel < last; pixel++) {
                int position = pixel + front;
                int to = begin + position % width.stride() * phase + position / width.stride() * out;
                spreadPixel(pixel * channels, to);
            }
        }

        private void spreadPixel(int from, int to) {
            if (multiplier == 1) {
                System.arraycopy(line, from, rows, to, channels);
                return;
            }
            for (int channel = 0; channel < channels; channel++) {
                Arrays.fill(rows, to + channel * multiplier, to + (channel + 1) * multiplier, line[from + channel]);
            }
        }
    }
}
