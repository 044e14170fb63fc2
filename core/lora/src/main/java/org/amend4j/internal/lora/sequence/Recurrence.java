/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The equations of a frozen recurrent layer in one direction of time: a forward pass that keeps what the way back needs,
 * and a way back that hands down the input's derivative and forms none of a weight. Time runs along the last dimension.
 */
sealed interface Recurrence permits LstmRecurrence, SimpleRecurrence {

    /** Key of the last output in a stored state, [batch, n]; as Deeplearning4j's. */
    String OUTPUT = "prevAct";

    /**
     * Runs over a sequence.
     *
     * @param x [batch, nIn, time]
     * @param mask [batch, time]: what outputs and cells are multiplied by
     * @param state where to start, or nothing
     * @return [batch, n, time] in Fortran order, living as long as the activations
     */
    INDArray forward(INDArray x, Optional<INDArray> mask, Map<String, INDArray> state, LayerWorkspaceMgr workspaces);

    /** The state after the last forward pass, outside of every workspace. */
    Map<String, INDArray> lastState();

    /**
     * Goes back over the last forward pass.
     *
     * @param epsilon derivative at the outputs, [batch, n, time]
     * @param length how many steps to go back; at earlier ones the result is 0
     * @return derivative at {@code x·W + h·R + b}, [batch, columns of W, time] in Fortran order
     */
    INDArray backward(INDArray epsilon, int length);

    /** The input weights. */
    SequenceProduct product();

    /** The outputs that each step of the last forward pass started from, [batch, n, time]; at the first the state's, or 0. */
    INDArray previousOutputs();

    /** Columns of the input. */
    long inputs();

    /** Forgets the last forward pass. */
    void clear();
}
