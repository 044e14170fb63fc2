/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.effective;

import java.util.Map;
import org.amend4j.internal.lora.layer.BaseBackedLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The factors of a vertex that is no layer, as a layer that only has parameters: Deeplearning4j counts a graph's parameters and its
 * penalties by layers, and does not train a graph whose layers have none.
 */
public final class VertexFactors extends BaseBackedLayer {

    private static final long serialVersionUID = 1L;

    /**
     * @param conf with the configuration of the factors in it
     * @param vector their part of the parameter vector
     * @param table the same by key
     */
    public VertexFactors(NeuralNetConfiguration conf, INDArray vector, Map<String, INDArray> table, DataType type) {
        super(conf, type);
        setParamsViewArray(vector);
        setParamTable(table);
    }

    Map<String, INDArray> gradients() {
        return gradientViews == null ? Map.of() : gradientViews;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        throw new UnsupportedOperationException("the vertex computes, not its factors " + layerId());
    }
}
