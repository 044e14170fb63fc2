/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.weights;

import java.util.Collection;
import java.util.Map;
import org.amend4j.lora.frozen.ExternalErrors;
import org.amend4j.lora.layer.BaseBackedLayer;
import org.amend4j.lora.layer.SwitchableAdapters;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.conf.CacheMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Deeplearning4j's own layer in test mode on {@code W + s·A·B}. Its backward pass writes its weights' gradients into scratch memory
 * of the working workspace, from which those of the factors are made.
 */
public class WeightSpaceLayer extends BaseBackedLayer implements SwitchableAdapters {

    private static final long serialVersionUID = 1L;

    private final Layer stock;
    private final transient AdaptedWeights weights;

    /**
     * @param conf around the stock layer
     * @param stock computes with the parameters of {@code weights}
     */
    public static WeightSpaceLayer of(NeuralNetConfiguration conf, Layer stock, AdaptedWeights weights, DataType type) {
        if (stock instanceof IOutputLayer output) {
            return new WeightSpaceOutput(conf, output, weights, type);
        }
        return stock instanceof RecurrentLayer recurrent
                ? new WeightSpaceRecurrent(conf, recurrent, weights, type)
                : new WeightSpaceLayer(conf, stock, weights, type);
    }

    WeightSpaceLayer(NeuralNetConfiguration conf, Layer stock, AdaptedWeights weights, DataType type) {
        super(conf, type);
        this.stock = stock;
        this.weights = weights;
    }

    @Override
    public final void setAdapterEnabled(boolean enabled) {
        weights.setEnabled(enabled);
    }

    final void refresh() {
        weights.refresh(params(), paramTable());
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        refresh();
        return stock.activate(false, workspaces);
    }

    @Override
    public INDArray activate(INDArray input, boolean training, LayerWorkspaceMgr workspaces) {
        setInput(input, workspaces);
        return activate(training, workspaces);
    }

    @Override
    public Pair<Gradient, @Nullable INDArray> backpropGradient(
            @Nullable INDArray epsilon, LayerWorkspaceMgr workspaces) {
        scratchGradients(workspaces);
        INDArray error = epsilon == null ? null : ExternalErrors.of(stock, epsilon, workspaces);
        return gradientsFrom(stock.backpropGradient(error, workspaces));
    }

    /** A vector, as Deeplearning4j's own: bidirectional layers take halves of its first dimension. */
    final void scratchGradients(LayerWorkspaceMgr workspaces) {
        refresh();
        stock.setBackpropGradientsViewArray(
                workspaces.create(ArrayType.BP_WORKING_MEM, dataType, new long[] {weights.count()}, 'c'));
    }

    final Pair<Gradient, @Nullable INDArray> gradientsFrom(Pair<Gradient, INDArray> full) {
        Gradient result = new DefaultGradient();
        Map<String, INDArray> views = gradientViews;
        if (views != null && !views.isEmpty()) {
            weights.gradients(full.getFirst().gradientForVariable(), paramTable(), views);
            views.forEach(result::setGradientFor);
        }
        return new Pair<>(result, layerConf().isInputFrozen() ? null : full.getSecond());
    }

    @Override
    public void setInput(INDArray input, LayerWorkspaceMgr workspaces) {
        super.setInput(input, workspaces);
        stock.setInput(input, workspaces);
    }

    @Override
    public void setInputMiniBatchSize(int size) {
        super.setInputMiniBatchSize(size);
        stock.setInputMiniBatchSize(size);
    }

    @Override
    public void setMaskArray(@Nullable INDArray mask) {
        super.setMaskArray(mask);
        stock.setMaskArray(mask);
    }

    @Override
    public @Nullable INDArray getMaskArray() {
        return stock.getMaskArray();
    }

    @Override
    public Pair<INDArray, MaskState> feedForwardMaskArray(@Nullable INDArray mask, MaskState state, int minibatchSize) {
        return stock.feedForwardMaskArray(mask, state, minibatchSize);
    }

    @Override
    public void setCacheMode(CacheMode mode) {
        super.setCacheMode(mode);
        stock.setCacheMode(mode);
    }

    @Override
    public void setListeners(Collection<TrainingListener> listeners) {
        super.setListeners(listeners);
        stock.setListeners(listeners);
    }

    @Override
    public void setIterationCount(int iteration) {
        super.setIterationCount(iteration);
        stock.setIterationCount(iteration);
    }

    @Override
    public void setEpochCount(int epoch) {
        super.setEpochCount(epoch);
        stock.setEpochCount(epoch);
    }

    @Override
    public Type type() {
        return stock.type();
    }

    @Override
    public void clearNoiseWeightParams() {
        stock.clearNoiseWeightParams();
    }

    @Override
    public void allowInputModification(boolean allow) {
        stock.allowInputModification(false);
    }

    @Override
    public void clear() {
        super.clear();
        stock.clear();
    }
}
