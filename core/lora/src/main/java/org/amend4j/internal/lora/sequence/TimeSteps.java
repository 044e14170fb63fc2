/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * A sequence [batch, width, time] in Fortran order, where every time step, and every block of columns of one, is contiguous.
 */
final class TimeSteps {

    private final INDArray matrix;
    private final long width;

    /** @param sequence [batch, width, time], contiguous in Fortran order */
    TimeSteps(INDArray sequence) {
        this.width = sequence.size(1);
        this.matrix = sequence.reshape('f', new long[] {sequence.size(0), width * sequence.size(2)});
    }

    /** A time step, [batch, width]: a view. */
    INDArray at(int time) {
        return part(time, 0, width);
    }

    /** Columns of a time step, [batch, to - from]: a view. */
    INDArray part(int time, long from, long to) {
        return matrix.get(NDArrayIndex.all(), NDArrayIndex.interval(time * width + from, time * width + to));
    }
}
