/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.util.List;

/**
 * The sum of two or more equal shapes, each input's pending epilogue applied on the way.
 *
 * @param epilogue what comes after the sum
 */
record AddStep(Epilogue epilogue) implements RowOperation {

    @Override
    public boolean accepts(List<RowValue> inputs) {
        List<RowValue.Rows> rows = Inputs.alike(inputs);
        return rows.size() > 1
                && rows.stream().allMatch(r -> r.shape().equals(rows.get(0).shape()));
    }

    @Override
    public RowValue.Rows run(List<RowValue> inputs, Frame frame) {
        List<RowValue.Rows> rows = Inputs.alike(inputs);
        RowShape shape = rows.get(0).shape();
        RowValue.Rows z = frame.rows(shape, epilogue);
        int c = shape.c();
        int pixels = Math.max(1, Frame.PASS / c);
        int groups = (shape.pixels() + pixels - 1) / pixels;
        Bands.split(groups, (long) pixels * c * rows.size(), (from, to, worker) -> {
            float[] sum = frame.scratch(worker).out(pixels * c);
            float[] term = frame.scratch(worker).line(pixels * c);
            for (int group = from; group < to; group++) {
                int length = Math.min(pixels, shape.pixels() - group * pixels) * c;
                long at = (long) group * pixels * c;
                read(rows.get(0), at, sum, length);
                for (RowValue.Rows other : rows.subList(1, rows.size())) {
                    read(other, at, term, length);
                    RowMath.add(sum, term, length);
                }
                epilogue.apply(sum, length);
                z.block().write(at, sum, 0, length);
            }
        });
        epilogue.applyNative(z.block().front(shape.floats()));
        return new RowValue.Rows(z.block(), shape, Frame.NOTHING);
    }

    private static void read(RowValue.Rows rows, long at, float[] to, int length) {
        rows.block().read(at, to, 0, length);
        rows.pending().apply(to, length);
    }

    @Override
    public boolean readsPending() {
        return true;
    }

    @Override
    public String kind() {
        return "add";
    }
}
