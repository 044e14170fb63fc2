/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import java.util.Map;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A frozen wrapper of a recurrent layer: its state is the wrapped layer's, and it always runs in test mode. */
interface FrozenState extends RecurrentLayer {

    /** The wrapped layer. */
    RecurrentLayer recurrent();

    @Override
    default INDArray rnnTimeStep(INDArray input, LayerWorkspaceMgr workspaces) {
        return recurrent().rnnTimeStep(input, workspaces);
    }

    @Override
    default Map<String, INDArray> rnnGetPreviousState() {
        return recurrent().rnnGetPreviousState();
    }

    @Override
    default void rnnSetPreviousState(Map<String, INDArray> state) {
        recurrent().rnnSetPreviousState(state);
    }

    @Override
    default void rnnClearPreviousState() {
        recurrent().rnnClearPreviousState();
    }

    @Override
    default INDArray rnnActivateUsingStoredState(
            INDArray input, boolean training, boolean storeLastForTbptt, LayerWorkspaceMgr workspaces) {
        return recurrent().rnnActivateUsingStoredState(input, false, storeLastForTbptt, workspaces);
    }

    @Override
    default Map<String, INDArray> rnnGetTBPTTState() {
        return recurrent().rnnGetTBPTTState();
    }

    @Override
    default void rnnSetTBPTTState(Map<String, INDArray> state) {
        recurrent().rnnSetTBPTTState(state);
    }
}
