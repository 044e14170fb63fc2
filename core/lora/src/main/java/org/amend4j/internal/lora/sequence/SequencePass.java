/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import java.util.Optional;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.pairwise.arithmetic.MulOp;
import org.nd4j.linalg.api.shape.Shape;
import org.nd4j.linalg.factory.Nd4j;

/** The shape, mask and direction of one pass over a sequence, and the memory for it. */
record SequencePass(long batch, int length, Optional<INDArray> mask, boolean forwards) {

    static SequencePass over(INDArray x, Optional<INDArray> mask, boolean forwards) {
        return new SequencePass(x.size(0), (int) x.size(2), mask.map(array -> array.castTo(x.dataType())), forwards);
    }

    /** The time of the i-th step in the layer's own direction. */
    int time(int step) {
        return forwards ? step : length - 1 - step;
    }

    /** Multiplies rows by their mask at a time. */
    void mask(INDArray rows, int time) {
        mask.ifPresent(array -> rows.muliColumnVector(array.getColumn(time, true)));
    }

    /** Memory that lives as long as the activations: [batch, width, time]. */
    INDArray kept(INDArray like, long width, LayerWorkspaceMgr workspaces) {
        return workspaces.createUninitialized(
                ArrayType.ACTIVATIONS, like.dataType(), new long[] {batch, width, length}, 'f');
    }

    /** Working memory for one step: [batch, width]. */
    INDArray row(INDArray like, long width) {
        return Nd4j.createUninitialized(like.dataType(), new long[] {batch, width}, 'f');
    }

    /**
     * Each step's predecessor in the layer's own direction, [batch, width, time]: a copy.
     *
     * @param first of the first step; 0 if there is none
     */
    INDArray previous(INDArray sequence, Optional<INDArray> first) {
        INDArray result = Nd4j.createUninitialized(sequence.dataType(), sequence.shape(), 'f');
        TimeSteps from = new TimeSteps(sequence);
        TimeSteps to = new TimeSteps(result);
        INDArray begin = to.at(time(0));
        first.ifPresentOrElse(begin::assign, () -> begin.assign(0));
        for (int i = 1; i < length; i++) {
            to.at(time(i)).assign(from.at(time(i - 1)));
        }
        return result;
    }

    /** The sequence itself if it is contiguous in Fortran order, else a copy that is. */
    static TimeSteps steps(INDArray sequence) {
        boolean plain = sequence.ordering() == 'f' && Shape.hasDefaultStridesForShape(sequence);
        return new TimeSteps(
                plain
                        ? sequence
                        : Nd4j.createUninitialized(sequence.dataType(), sequence.shape(), 'f')
                                .assign(sequence));
    }

    /** The product of two arrays' elements. */
    static void multiply(INDArray a, INDArray b, INDArray result) {
        Nd4j.exec(new MulOp(a, b, result));
    }

    /** A copy outside of every workspace. */
    static INDArray detached(INDArray array) {
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            return array.dup('f');
        }
    }
}
