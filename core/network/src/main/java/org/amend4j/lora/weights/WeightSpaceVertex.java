/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.weights;

import java.util.Map;
import org.amend4j.lora.frozen.ExternalErrors;
import org.amend4j.lora.layer.SwitchableAdapters;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.vertex.BaseWrapperVertex;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Deeplearning4j's own vertex in test mode on {@code W + s·A·B}, as a {@link WeightSpaceLayer} is for a layer. */
public final class WeightSpaceVertex extends BaseWrapperVertex implements SwitchableAdapters {

    private static final long serialVersionUID = 1L;

    private final transient AdaptedWeights weights;
    private final VertexFactors factors;

    /** @param stock computes with the parameters of {@code weights} */
    public WeightSpaceVertex(GraphVertex stock, AdaptedWeights weights, VertexFactors factors) {
        super(stock);
        this.weights = weights;
        this.factors = factors;
    }

    @Override
    public void setAdapterEnabled(boolean enabled) {
        weights.setEnabled(enabled);
    }

    @Override
    public void setWeightsWithoutAdapter(Map<String, INDArray> weights) {
        this.weights.setWithoutAdapter(weights);
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
        weights.refresh(factors.params(), factors.paramTable());
        return underlying.doForward(false, workspaces);
    }

    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
        weights.refresh(factors.params(), factors.paramTable());
        INDArray epsilon = getEpsilon();
        underlying.setBackpropGradientsViewArray(
                workspaces.create(ArrayType.BP_WORKING_MEM, epsilon.dataType(), new long[] {weights.count()}, 'c'));
        underlying.setEpsilon(ExternalErrors.of(underlying, epsilon, workspaces));
        Pair<Gradient, INDArray[]> full = underlying.doBackward(tbptt, workspaces);
        Gradient result = new DefaultGradient();
        Map<String, INDArray> gradients = factors.gradients();
        if (!gradients.isEmpty()) {
            weights.gradients(
                    new Computation.OfAll(full.getFirst().gradientForVariable(), weights),
                    factors.paramTable(),
                    gradients);
            gradients.forEach(result::setGradientFor);
        }
        return new Pair<>(result, full.getSecond());
    }

    @Override
    public boolean hasLayer() {
        return true;
    }

    @Override
    public Layer getLayer() {
        return factors;
    }

    @Override
    public void setBackpropGradientsViewArray(@Nullable INDArray gradients) {
        factors.setBackpropGradientsViewArray(gradients);
    }

    @Override
    public long numParams() {
        return factors.numParams();
    }

    @Override
    public INDArray params() {
        return factors.params();
    }

    @Override
    public @Nullable INDArray getGradientsViewArray() {
        return factors.getGradientsViewArray();
    }

    @Override
    public Map<String, INDArray> paramTable(boolean backpropOnly) {
        return factors.paramTable();
    }

    @Override
    public TrainingConfig getConfig() {
        return factors.getConfig();
    }
}
