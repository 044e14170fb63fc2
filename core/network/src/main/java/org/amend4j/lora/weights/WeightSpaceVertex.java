/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.weights;

import java.util.Map;
import java.util.function.Function;
import org.amend4j.lora.frozen.ExternalErrors;
import org.amend4j.lora.layer.SwitchableAdapters;
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

    /**
     * The factors of a vertex.
     *
     * @param vector their part of the parameter vector
     * @param table the same by key
     * @param cut makes such a table of a vector
     */
    public record Factors(
            INDArray vector, Map<String, INDArray> table, Function<INDArray, Map<String, INDArray>> cut) {}

    private final transient AdaptedWeights weights;
    private final transient Factors factors;
    private final transient TrainingConfig training;
    private transient @Nullable INDArray gradientVector;
    private transient Map<String, INDArray> gradientViews = Map.of();

    /** @param stock computes with the parameters of {@code weights} */
    public WeightSpaceVertex(GraphVertex stock, AdaptedWeights weights, Factors factors, TrainingConfig training) {
        super(stock);
        this.weights = weights;
        this.factors = factors;
        this.training = training;
    }

    @Override
    public void setAdapterEnabled(boolean enabled) {
        weights.setEnabled(enabled);
    }

    @Override
    public INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
        weights.refresh(factors.vector(), factors.table());
        return underlying.doForward(false, workspaces);
    }

    @Override
    public Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
        weights.refresh(factors.vector(), factors.table());
        INDArray epsilon = getEpsilon();
        underlying.setBackpropGradientsViewArray(
                workspaces.create(ArrayType.BP_WORKING_MEM, epsilon.dataType(), new long[] {weights.count()}, 'c'));
        underlying.setEpsilon(ExternalErrors.of(underlying, epsilon, workspaces));
        Pair<Gradient, INDArray[]> full = underlying.doBackward(tbptt, workspaces);
        Gradient result = new DefaultGradient();
        if (!gradientViews.isEmpty()) {
            weights.gradients(full.getFirst().gradientForVariable(), factors.table(), gradientViews);
            gradientViews.forEach(result::setGradientFor);
        }
        return new Pair<>(result, full.getSecond());
    }

    @Override
    public void setBackpropGradientsViewArray(@Nullable INDArray gradients) {
        gradientVector = gradients;
        gradientViews = gradients == null ? Map.of() : factors.cut().apply(gradients);
    }

    @Override
    public long numParams() {
        return factors.vector().length();
    }

    @Override
    public INDArray params() {
        return factors.vector();
    }

    @Override
    public @Nullable INDArray getGradientsViewArray() {
        return gradientVector;
    }

    @Override
    public Map<String, INDArray> paramTable(boolean backpropOnly) {
        return factors.table();
    }

    @Override
    public TrainingConfig getConfig() {
        return training;
    }
}
