/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Questions that several steps ask of their inputs. */
final class Inputs {

    private Inputs() {}

    /** Whether the value is, or can be read as, activations of the given layout and channel count. */
    static boolean fits(RowValue value, RowShape.Layout layout, int channels) {
        if (value instanceof RowValue.Rows rows) {
            return rows.shape().layout() == layout && rows.shape().c() == channels;
        }
        INDArray array = ((RowValue.Plain) value).array();
        if (layout == RowShape.Layout.FEATURES) {
            return array.rank() == 2 && array.size(1) == channels;
        }
        return array.rank() == 4 && array.size(layout == RowShape.Layout.NHWC ? 3 : 1) == channels;
    }

    /** The inputs as rows, if all are rows of one layout, example count, height and width; empty otherwise. */
    static List<RowValue.Rows> alike(List<RowValue> inputs) {
        if (!inputs.stream().allMatch(RowValue.Rows.class::isInstance)) {
            return List.of();
        }
        List<RowValue.Rows> rows =
                inputs.stream().map(RowValue.Rows.class::cast).toList();
        RowShape first = rows.get(0).shape();
        boolean same = rows.stream().allMatch(r -> r.shape().channels(first.c()).equals(first));
        return same ? rows : List.of();
    }

    /** Gives back the rows' block if they were made from the value for one step only. */
    static void release(RowValue.Rows rows, RowValue value, Frame frame) {
        if (rows != value) {
            frame.pool().giveBack(rows.block());
        }
    }
}
