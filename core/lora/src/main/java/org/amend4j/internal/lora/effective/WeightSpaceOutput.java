/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.effective;

import org.amend4j.internal.lora.layer.GraphOutput;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** An output layer: labels and loss are the stock layer's. */
final class WeightSpaceOutput extends WeightSpaceLayer implements GraphOutput {

    private static final long serialVersionUID = 1L;

    private final IOutputLayer stock;

    WeightSpaceOutput(NeuralNetConfiguration conf, IOutputLayer stock, Computation computation, DataType type) {
        super(conf, computation, type);
        this.stock = stock;
    }

    @Override
    public boolean needsLabels() {
        return stock.needsLabels();
    }

    @Override
    public void setLabels(INDArray labels) {
        stock.setLabels(labels);
    }

    @Override
    public INDArray getLabels() {
        return stock.getLabels();
    }

    @Override
    @SuppressWarnings("deprecation") // the interface demands it
    public int numLabels() {
        return stock.numLabels();
    }

    @Override
    public double computeScore(double fullNetworkRegularization, boolean training, LayerWorkspaceMgr workspaces) {
        refresh();
        return stock.computeScore(fullNetworkRegularization, training, workspaces);
    }

    @Override
    public INDArray computeScoreForExamples(double fullNetworkRegularization, LayerWorkspaceMgr workspaces) {
        refresh();
        return stock.computeScoreForExamples(fullNetworkRegularization, workspaces);
    }
}
