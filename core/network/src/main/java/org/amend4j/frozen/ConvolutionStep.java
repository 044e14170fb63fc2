/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.util.Arrays;
import java.util.List;
import org.amend4j.network.Axis;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A full convolution: windows copied side by side, then one matrix product per band of pixels.
 *
 * @param height window geometry along the height
 * @param width window geometry along the width
 * @param channels input channels
 * @param weights column-major [kernelHeight · kernelWidth · channels, out]; read only
 */
record ConvolutionStep(
        RowShape.Layout layout, Axis height, Axis width, int channels, INDArray weights, Epilogue epilogue)
        implements RowOperation {

    /** Floats of copied windows in hand at a time (16 MiB). */
    private static final int COLUMNS = 1 << 22;

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
        RowValue.Rows z =
                frame.rows(new RowShape(in.n(), outH, outW, Math.toIntExact(weights.size(1)), layout), epilogue);
        int taps = Math.toIntExact(weights.size(0));
        int lines = in.n() * outH;
        int band = Math.min(lines, Math.max(1, COLUMNS / (outW * taps)));
        HostBlock columns = frame.pool().take((long) band * outW * taps);
        for (int line = 0; line < lines; line += band) {
            int count = Math.min(band, lines - line);
            copyWindows(x, columns, line, count, frame);
            int pixels = count * outW;
            INDArray result = z.block()
                    .matrix((long) line * outW * z.shape().c(), z.shape().c(), pixels);
            ProductStep.multiply(weights, columns.matrix(0, taps, pixels), result);
        }
        frame.pool().giveBack(columns);
        Inputs.release(x, inputs.get(0), frame);
        return z;
    }

    /** Copies the windows of {@code count} output lines, counted over all examples from {@code first} on. */
    private void copyWindows(RowValue.Rows x, HostBlock columns, int first, int count, Frame frame) {
        RowShape in = x.shape();
        int outW = width.outputs(in.w());
        int outH = height.outputs(in.h());
        int line = outW * Math.toIntExact(weights.size(0));
        Bands.split(count, line, (from, to, worker) -> {
            Scratch scratch = frame.scratch(worker);
            float[] windows = scratch.out(line);
            float[] row = scratch.line(in.w() * channels);
            for (int at = from; at < to; at++) {
                int example = (first + at) / outH;
                int top = (first + at) % outH * height.stride() - height.front(in.h());
                for (int tap = 0; tap < height.kernel(); tap++) {
                    int y = top + tap * height.dilation();
                    boolean inside = y >= 0 && y < in.h();
                    if (inside) {
                        x.block().read(((long) example * in.h() + y) * in.w() * channels, row, 0, in.w() * channels);
                    }
                    copyTapRow(windows, tap, row, inside, in.w(), outW);
                }
                columns.write((long) at * line, windows, 0, line);
            }
        });
    }

    /** Copies one row of taps into each window of an output line. */
    private void copyTapRow(float[] windows, int tap, float[] row, boolean inside, int inW, int outW) {
        int span = width.kernel() * channels;
        int window = height.kernel() * span;
        int front = width.front(inW);
        for (int o = 0; o < outW; o++) {
            int to = o * window + tap * span;
            int left = o * width.stride() - front;
            if (inside && width.dilation() == 1 && left >= 0 && left + width.kernel() <= inW) {
                System.arraycopy(row, left * channels, windows, to, span);
                continue;
            }
            for (int k = 0; k < width.kernel(); k++) {
                int x = left + k * width.dilation();
                copyPixel(windows, to + k * channels, row, x, inside && x >= 0 && x < inW);
            }
        }
    }

    private void copyPixel(float[] windows, int to, float[] row, int x, boolean inside) {
        if (inside) {
            System.arraycopy(row, x * channels, windows, to, channels);
        } else {
            Arrays.fill(windows, to, to + channels, 0f);
        }
    }

    @Override
    public boolean readsPending() {
        return false;
    }

    @Override
    public String kind() {
        return "convolution";
    }
}
