/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.util.List;

/**
 * Channels of several inputs side by side.
 *
 * @param axis DL4J's merge axis: 1 for features and NCHW, 3 for NHWC
 */
record MergeStep(int axis) implements RowOperation {

    @Override
    public boolean accepts(List<RowValue> inputs) {
        List<RowValue.Rows> rows = Inputs.alike(inputs);
        return rows.size() > 1 && axis == (rows.get(0).shape().layout() == RowShape.Layout.NHWC ? 3 : 1);
    }

    @Override
    public RowValue.Rows run(List<RowValue> inputs, Frame frame) {
        List<RowValue.Rows> rows = Inputs.alike(inputs);
        RowShape first = rows.get(0).shape();
        int total = rows.stream().mapToInt(r -> r.shape().c()).sum();
        RowValue.Rows z = frame.rows(first.channels(total), Frame.NOTHING);
        int lines = first.n() * first.h();
        Bands.split(lines, (long) first.w() * total, (from, to, worker) -> {
            float[] merged = frame.scratch(worker).out(first.w() * total);
            for (int line = from; line < to; line++) {
                int begin = 0;
                for (RowValue.Rows part : rows) {
                    place(part, line, merged, begin, total, frame.scratch(worker));
                    begin += part.shape().c();
                }
                z.block().write((long) line * first.w() * total, merged, 0, first.w() * total);
            }
        });
        return z;
    }

    private static void place(RowValue.Rows part, int line, float[] merged, int begin, int total, Scratch scratch) {
        int c = part.shape().c();
        int length = part.shape().w() * c;
        float[] row = scratch.line(length);
        part.block().read((long) line * length, row, 0, length);
        part.pending().apply(row, length);
        for (int pixel = 0; pixel < part.shape().w(); pixel++) {
            System.arraycopy(row, pixel * c, merged, pixel * total + begin, c);
        }
    }

    @Override
    public boolean readsPending() {
        return true;
    }

    @Override
    public String kind() {
        return "merge";
    }
}
