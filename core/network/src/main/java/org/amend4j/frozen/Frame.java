/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import org.nd4j.linalg.api.ndarray.INDArray;

/** What the steps of one program share during a call: blocks, and the scratch arrays of the workers. */
final class Frame {

    private final BlockPool pool = new BlockPool();
    private final Scratch[] scratch = new Scratch[Bands.WIDTH];

    Frame() {
        for (int worker = 0; worker < scratch.length; worker++) {
            scratch[worker] = new Scratch();
        }
    }

    BlockPool pool() {
        return pool;
    }

    Scratch scratch(int worker) {
        return scratch[worker];
    }

    /** A block for the shape, with the epilogue still pending. */
    RowValue.Rows rows(RowShape shape, Epilogue pending) {
        return new RowValue.Rows(pool.take(shape.floats()), shape, pending);
    }

    /** Applies what is pending, in place. */
    RowValue.Rows finished(RowValue.Rows rows) {
        Epilogue pending = rows.pending();
        if (pending.isNothing()) {
            return rows;
        }
        RowShape shape = rows.shape();
        int c = shape.c();
        int pixels = Math.max(1, PASS / c);
        int groups = (shape.pixels() + pixels - 1) / pixels;
        Bands.split(groups, (long) pixels * c, (from, to, worker) -> {
            float[] x = scratch(worker).line(pixels * c);
            for (int group = from; group < to; group++) {
                int length = Math.min(pixels, shape.pixels() - group * pixels) * c;
                long at = (long) group * pixels * c;
                rows.block().read(at, x, 0, length);
                pending.apply(x, length);
                rows.block().write(at, x, 0, length);
            }
        });
        pending.applyNative(rows.block().front(shape.floats()));
        return new RowValue.Rows(rows.block(), shape, NOTHING);
    }

    /** The value in DL4J's own shape and layout, in an array of its own that the receiver may modify. */
    INDArray array(RowValue value) {
        if (value instanceof RowValue.Rows rows) {
            return rows.block().view(rows.shape()).dup('c');
        }
        return ((RowValue.Plain) value).array().dup('c');
    }

    /** The value as finished rows in the given layout; the caller gives back the block unless it is the value's own. */
    RowValue.Rows rows(RowValue value, RowShape.Layout layout) {
        if (value instanceof RowValue.Rows rows && rows.shape().layout() == layout) {
            return rows;
        }
        INDArray array = value instanceof RowValue.Plain plain ? plain.array() : array(value);
        RowValue.Rows rows = rows(shape(array, layout), NOTHING);
        rows.block().view(rows.shape()).assign(array);
        return rows;
    }

    /** Floats in hand at a time in an elementwise pass. */
    static final int PASS = 8192;

    /** The epilogue of finished rows. */
    static final Epilogue NOTHING = new Epilogue(new float[0], new float[0], new RowActivation.Identity());

    private static RowShape shape(INDArray array, RowShape.Layout layout) {
        int n = Math.toIntExact(array.size(0));
        return switch (layout) {
            case FEATURES -> new RowShape(n, 1, 1, Math.toIntExact(array.size(1)), layout);
            case NHWC -> new RowShape(n, size(array, 1), size(array, 2), size(array, 3), layout);
            case NCHW -> new RowShape(n, size(array, 2), size(array, 3), size(array, 1), layout);
        };
    }

    private static int size(INDArray array, int dimension) {
        return Math.toIntExact(array.size(dimension));
    }
}
