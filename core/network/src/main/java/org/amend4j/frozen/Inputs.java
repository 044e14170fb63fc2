/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Questions that several steps ask of their inputs. */
final class Inputs {

    private Inputs() {}

    /** Whether the value is, or can be read as, activations of the given layout and channel count. */
    static boolean fits(Value value, Shape.Layout layout, int channels) {
        if (value instanceof Value.Rows rows) {
            return rows.shape().layout() == layout && rows.shape().c() == channels;
        }
        INDArray array = ((Value.Plain) value).array();
        if (layout == Shape.Layout.FEATURES) {
            return array.rank() == 2 && array.size(1) == channels;
        }
        return array.rank() == 4 && array.size(layout == Shape.Layout.NHWC ? 3 : 1) == channels;
    }

    /** The inputs as rows, if all are rows of one layout, example count, height and width; empty otherwise. */
    static List<Value.Rows> alike(List<Value> inputs) {
        if (!inputs.stream().allMatch(Value.Rows.class::isInstance)) {
            return List.of();
        }
        List<Value.Rows> rows = inputs.stream().map(Value.Rows.class::cast).toList();
        Shape first = rows.get(0).shape();
        boolean same = rows.stream().allMatch(r -> r.shape().channels(first.c()).equals(first));
        return same ? rows : List.of();
    }

    /** Gives back the rows' block if they were made from the value for one step only. */
    static void release(Value.Rows rows, Value value, Frame frame) {
        if (rows != value) {
            frame.pool().giveBack(rows.block());
        }
    }
}
