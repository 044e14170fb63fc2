/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.effective;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.lora.layer.SwitchableAdapters;
import org.amend4j.internal.lora.sequence.ExternalErrors;
import org.amend4j.internal.lora.sequence.FrozenAttentionVertex;
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

/**
 * A vertex on {@code W + s·A·B}, as a {@link WeightSpaceLayer} is for a layer: one of ours whose backward pass forms no weight's gradient, or
 * Deeplearning4j's own in test mode.
 */
public final class WeightSpaceVertex extends BaseWrapperVertex implements SwitchableAdapters {

    private static final long serialVersionUID = 1L;

    private final transient AdaptedWeights weights;
    private final transient Optional<FrozenAttentionVertex> showing;
    private final VertexFactors factors;

    /** @param vertex computes with the parameters of {@code weights} */
    public WeightSpaceVertex(GraphVertex vertex, AdaptedWeights weights, VertexFactors factors) {
        super(vertex);
        this.showing = vertex instanceof FrozenAttentionVertex attention ? Optional.of(attention) : Optional.empty();
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
        return underlying.doForward(training && showing.isPresent(), workspaces);
    }

    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
        weights.refresh(factors.params(), factors.paramTable());
        if (showing.isEmpty()) {
            prepareStock(workspaces);
        }
        Pair<Gradient, INDArray[]> full = underlying.doBackward(tbptt, workspaces);
        Gradient result = new DefaultGradient();
        Map<String, INDArray> gradients = factors.gradients();
        if (!gradients.isEmpty()) {
            weights.gradients(formed(full.getFirst()), factors.paramTable(), gradients);
            gradients.forEach(result::setGradientFor);
        }
        return new Pair<>(result, full.getSecond());
    }

    private void prepareStock(LayerWorkspaceMgr workspaces) {
        INDArray epsilon = getEpsilon();
        underlying.setBackpropGradientsViewArray(
                workspaces.create(ArrayType.BP_WORKING_MEM, epsilon.dataType(), new long[] {weights.count()}, 'c'));
        underlying.setEpsilon(ExternalErrors.of(underlying, epsilon, workspaces));
    }

    private AdaptedWeights.Formed formed(Gradient made) {
        return showing.<AdaptedWeights.Formed>map(
                        one -> new Computation.OfRows(one.rows(), weights.keys(), List.of(), List.of()))
                .orElseGet(() -> new Computation.OfAll(made.gradientForVariable(), weights));
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
