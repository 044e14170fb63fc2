/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.util.List;

/**
 * Images with more or fewer pixels: each repeated, or edges cut off. The source of an output pixel is determined along each
 * axis separately.
 *
 * @param layout the layout whose height and width are meant
 */
record ResampleStep(RowShape.Layout layout, Line height, Line width) implements RowOperation {

    /**
     * One axis.
     *
     * @param factor how many times every pixel is there, at least 1
     * @param front then cut off in front
     * @param back then cut off behind
     */
    record Line(int factor, int front, int back) {

        int outputs(int length) {
            return Math.multiplyExact(length, factor) - front - back;
        }

        int source(int output) {
            return (output + front) / factor;
        }
    }

    @Override
    public boolean accepts(List<RowValue> inputs) {
        return inputs.get(0) instanceof RowValue.Rows rows
                && rows.shape().layout() == layout
                && height.outputs(rows.shape().h()) > 0
                && width.outputs(rows.shape().w()) > 0;
    }

    @Override
    public RowValue.Rows run(List<RowValue> inputs, Frame frame) {
        RowValue.Rows x = (RowValue.Rows) inputs.get(0);
        RowShape in = x.shape();
        RowShape out = new RowShape(in.n(), height.outputs(in.h()), width.outputs(in.w()), in.c(), layout);
        RowValue.Rows z = frame.rows(out, Frame.NOTHING);
        int length = out.w() * out.c();
        Bands.split(out.n() * out.h(), length, (from, to, worker) -> {
            float[] written = frame.scratch(worker).out(length);
            for (int line = from; line < to; line++) {
                int y = height.source(line % out.h());
                float[] read = read(x, line / out.h() * in.h() + y, frame.scratch(worker));
                for (int pixel = 0; pixel < out.w(); pixel++) {
                    System.arraycopy(read, width.source(pixel) * in.c(), written, pixel * in.c(), in.c());
                }
                z.block().write((long) line * length, written, 0, length);
            }
        });
        return z;
    }

    private static float[] read(RowValue.Rows x, int line, Scratch scratch) {
        int length = x.shape().w() * x.shape().c();
        float[] read = scratch.line(length);
        x.block().read((long) line * length, read, 0, length);
        x.pending().apply(read, length);
        return read;
    }

    @Override
    public boolean readsPending() {
        return true;
    }

    @Override
    public String kind() {
        return "resampling";
    }
}
