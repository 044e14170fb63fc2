/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.effective;

import java.util.Map;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A recurrent layer: stepping, stored state and truncated back-propagation through time are those of the layer that computes. */
final class WeightSpaceRecurrent extends WeightSpaceLayer implements RecurrentLayer {

    private static final long serialVersionUID = 1L;

    private final RecurrentLayer stock;

    WeightSpaceRecurrent(NeuralNetConfiguration conf, RecurrentLayer stock, Computation computation, DataType type) {
        super(conf, computation, type);
        this.stock = stock;
    }

    @Override
    public INDArray rnnTimeStep(INDArray input, LayerWorkspaceMgr workspaces) {
        refresh();
        return stock.rnnTimeStep(input, workspaces);
    }

    @Override
    public Map<String, INDArray> rnnGetPreviousState() {
        return stock.rnnGetPreviousState();
    }

    @Override
    public void rnnSetPreviousState(Map<String, INDArray> state) {
        stock.rnnSetPreviousState(state);
    }

    @Override
    public void rnnClearPreviousState() {
        stock.rnnClearPreviousState();
    }

    @Override
    public INDArray rnnActivateUsingStoredState(
            INDArray input, boolean training, boolean storeLastForTbptt, LayerWorkspaceMgr workspaces) {
        refresh();
        return stock.rnnActivateUsingStoredState(input, training(training), storeLastForTbptt, workspaces);
    }

    @Override
    public Map<String, INDArray> rnnGetTBPTTState() {
        return stock.rnnGetTBPTTState();
    }

    @Override
    public void rnnSetTBPTTState(Map<String, INDArray> state) {
        stock.rnnSetTBPTTState(state);
    }

    @Override
    public Pair<Gradient, @Nullable INDArray> tbpttBackpropGradient(
            INDArray epsilon, int length, LayerWorkspaceMgr workspaces) {
        prepareBackward(workspaces);
        return gradientsFrom(stock.tbpttBackpropGradient(epsilon, length, workspaces));
    }
}
