/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.util.Arrays;
import java.util.List;
import org.deeplearning4j.nn.conf.layers.PoolingType;

/**
 * Global pooling over height and width, collapsed to features. Sums are taken in double.
 *
 * @param type average, sum or maximum
 * @param layout the layout whose height and width the pooling dimensions name
 */
record PoolStep(PoolingType type, RowShape.Layout layout) implements RowOperation {

    @Override
    public boolean accepts(List<RowValue> inputs) {
        return inputs.get(0) instanceof RowValue.Rows rows && rows.shape().layout() == layout;
    }

    @Override
    public RowValue.Rows run(List<RowValue> inputs, Frame frame) {
        RowValue.Rows x = (RowValue.Rows) inputs.get(0);
        RowShape in = x.shape();
        RowValue.Rows z = frame.rows(new RowShape(in.n(), 1, 1, in.c(), RowShape.Layout.FEATURES), Frame.NOTHING);
        Bands.split(in.n(), in.floats() / in.n(), (from, to, worker) -> {
            float[] pooled = frame.scratch(worker).out(in.c());
            for (int example = from; example < to; example++) {
                if (type == PoolingType.MAX) {
                    maximum(x, example, pooled, frame.scratch(worker));
                } else {
                    sum(x, example, pooled, frame.scratch(worker));
                }
                z.block().write((long) example * in.c(), pooled, 0, in.c());
            }
        });
        return z;
    }

    private static void maximum(RowValue.Rows x, int example, float[] pooled, Scratch scratch) {
        RowShape in = x.shape();
        Arrays.fill(pooled, 0, in.c(), Float.NEGATIVE_INFINITY);
        for (int y = 0; y < in.h(); y++) {
            float[] line = read(x, example, y, scratch);
            for (int pixel = 0; pixel < in.w(); pixel++) {
                RowMath.max(pooled, line, pixel * in.c(), in.c());
            }
        }
    }

    private void sum(RowValue.Rows x, int example, float[] pooled, Scratch scratch) {
        RowShape in = x.shape();
        double[] sums = scratch.sums(in.c());
        Arrays.fill(sums, 0, in.c(), 0.0);
        for (int y = 0; y < in.h(); y++) {
            float[] line = read(x, example, y, scratch);
            for (int pixel = 0; pixel < in.w(); pixel++) {
                RowMath.sum(sums, line, pixel * in.c(), in.c());
            }
        }
        double count = type == PoolingType.AVG ? (double) in.h() * in.w() : 1.0;
        for (int channel = 0; channel < in.c(); channel++) {
            pooled[channel] = (float) (sums[channel] / count);
        }
    }

    private static float[] read(RowValue.Rows x, int example, int y, Scratch scratch) {
        RowShape in = x.shape();
        int length = in.w() * in.c();
        float[] line = scratch.line(length);
        x.block().read(((long) example * in.h() + y) * length, line, 0, length);
        x.pending().apply(line, length);
        return line;
    }

    @Override
    public boolean readsPending() {
        return true;
    }

    @Override
    public String kind() {
        return "global pooling";
    }
}
