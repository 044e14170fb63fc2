/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.Map;
import org.amend4j.internal.lora.layer.AdaptedTable;
import org.amend4j.transformer.TransformerEmbedding;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A running {@link TransformerEmbedding} on a base's tables: the words' rows, with what trains, times its factor, and the rows of the other tables. */
final class FrozenEmbedding extends AdaptedTable {

    private static final long serialVersionUID = 1L;

    private final transient TokenTables tables;
    private transient TokenTables withoutAdapter;

    /**
     * @param conf around the stock layer
     * @param base its tables by their keys, only read
     */
    FrozenEmbedding(NeuralNetConfiguration conf, Map<String, INDArray> base, DataType type) {
        super(conf, type);
        this.tables = new TokenTables((TransformerEmbedding) layerConf().getLayer(), base);
        this.withoutAdapter = tables;
    }

    @Override
    public void setWeightsWithoutAdapter(Map<String, INDArray> weights) {
        withoutAdapter = new TokenTables(tables.layer(), weights);
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        assertInputSet(false);
        TokenTables read = isEnabled() ? tables : withoutAdapter;
        INDArray result =
                read.rows(read.places(input), (ids, rows) -> add(ids, rows, training, workspaces), workspaces);
        keepForward(training);
        return result;
    }

    @Override
    public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        requireForward(workspaces);
        INDArray none = workspaces.create(ArrayType.ACTIVATION_GRAD, dataType, input.shape());
        return new Pair<>(gradients(epsilon, tables.layer().factor()), none);
    }

    @Override
    public @Nullable Pair<INDArray, MaskState> feedForwardMaskArray(
            @Nullable INDArray mask, MaskState state, int minibatchSize) {
        HeadPass.refuseMask(mask, String.valueOf(layerConf().getLayerName()));
        return null;
    }
}
