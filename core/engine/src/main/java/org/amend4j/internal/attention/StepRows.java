/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.attention;

import java.lang.ref.Reference;
import org.amend4j.internal.cpu.HostArrays;
import org.amend4j.internal.cpu.HostTransposes;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.Shape;

/** Sequences [examples, width, steps], as Deeplearning4j has them, and their rows [examples · steps, width]. */
public final class StepRows {

    /** Numbers of an example that are turned in memory which a thread then keeps. */
    private static final long MOST = 1 << 22;

    private StepRows() {}

    /**
     * The rows of a sequence: a view if they lie so already, else a copy.
     *
     * @param type of the rows
     * @param memory for a copy, of this type
     */
    public static INDArray of(INDArray sequence, DataType type, AttentionPass.Memory memory) {
        INDArray steps = sequence.permute(0, 2, 1);
        long[] shape = {steps.size(0) * steps.size(1), steps.size(2)};
        if (isPlain(steps) && sequence.dataType() == type) {
            return steps.reshape('c', shape);
        }
        INDArray rows = memory.rows(shape[0], shape[1]);
        if (isPlain(sequence) && HostArrays.takes(sequence, rows) && fits(sequence)) {
            turn(sequence, rows);
        } else {
            rows.reshape('c', steps.shape()).assign(steps);
        }
        return rows;
    }

    private static boolean isPlain(INDArray array) {
        return array.ordering() == 'c' && Shape.hasDefaultStridesForShape(array);
    }

    private static boolean fits(INDArray sequence) {
        return sequence.size(1) * sequence.size(2) <= MOST;
    }

    private static void turn(INDArray from, INDArray to) {
        try {
            HostTransposes.write(
                    HostArrays.type(from),
                    HostArrays.address(from, 0),
                    HostArrays.address(to, 0),
                    (int) from.size(0),
                    (int) from.size(1),
                    (int) from.size(2));
        } finally {
            Reference.reachabilityFence(from);
            Reference.reachabilityFence(to);
        }
    }

    /** The sequence that rows are: a view. */
    public static INDArray sequence(INDArray rows, long examples) {
        return rows.reshape('c', examples, rows.size(0) / examples, rows.size(1))
                .permute(0, 2, 1);
    }
}
