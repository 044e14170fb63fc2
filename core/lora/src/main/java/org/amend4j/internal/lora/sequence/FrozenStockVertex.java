/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import java.util.Map;
import org.amend4j.internal.network.VertexKinds;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.deeplearning4j.nn.conf.misc.DummyConfig;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.vertex.BaseWrapperVertex;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Deeplearning4j's own vertex on the base's weights and in test mode. As in {@link FrozenStock}, the weights' gradient goes
 * to scratch memory and only the inputs' gradients are handed down.
 */
public class FrozenStockVertex extends BaseWrapperVertex {

    private static final long serialVersionUID = 1L;

    private final long baseParameters;
    private final transient TrainingConfig training;

    /**
     * The vertex of a base: one that computes its inputs' gradients alone where its kind has one, else Deeplearning4j's own.
     *
     * @param vertex its configuration
     * @param stock on the base's parameters
     */
    public static GraphVertex of(
            org.deeplearning4j.nn.conf.graph.GraphVertex vertex, GraphVertex stock, DataType type) {
        return VertexKinds.onBase(vertex, stock, type).orElseGet(() -> new FrozenStockVertex(stock));
    }

    FrozenStockVertex(GraphVertex stock) {
        super(stock);
        this.baseParameters = stock.numParams();
        this.training = new DummyConfig(stock.getVertexName());
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
        return underlying.doForward(false, workspaces);
    }

    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
        INDArray epsilon = getEpsilon();
        if (baseParameters > 0) {
            underlying.setBackpropGradientsViewArray(workspaces.createUninitialized(
                    ArrayType.BP_WORKING_MEM, epsilon.dataType(), new long[] {baseParameters}));
        }
        underlying.setEpsilon(ExternalErrors.of(underlying, epsilon, workspaces));
        INDArray[] down = underlying.doBackward(tbptt, workspaces).getSecond();
        return new Pair<>(new DefaultGradient(), down);
    }

    @Override
    public final void setBackpropGradientsViewArray(@Nullable INDArray gradients) {
        // There are no trainable parameters: the view is empty.
    }

    @Override
    public final long numParams() {
        return 0;
    }

    @Override
    public final @Nullable INDArray params() {
        return null;
    }

    @Override
    public final @Nullable INDArray getGradientsViewArray() {
        return null;
    }

    @Override
    public final Map<String, INDArray> paramTable(boolean backpropOnly) {
        return Map.of();
    }

    @Override
    public final TrainingConfig getConfig() {
        return training;
    }
}
