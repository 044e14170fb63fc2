/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.effective;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.amend4j.internal.lora.layer.BaseBackedLayer;
import org.amend4j.internal.lora.layer.SwitchableAdapters;
import org.amend4j.internal.lora.sequence.ShowingSequences;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.conf.CacheMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A layer on {@code W + s·A·B} whose parameters are the factors. */
public class WeightSpaceLayer extends BaseBackedLayer implements SwitchableAdapters {

    private static final long serialVersionUID = 1L;

    private final Layer stock;
    private final transient Computation computation;

    /**
     * Any layer.
     *
     * @param conf around the stock layer
     * @param stock computes with the parameters of {@code weights}
     */
    public static WeightSpaceLayer of(NeuralNetConfiguration conf, Layer stock, AdaptedWeights weights, DataType type) {
        return of(conf, new Computation.Stock(stock, weights), type);
    }

    /**
     * A recurrent layer or an attention whose backward pass forms no weight's gradient.
     *
     * @param conf around the stock layer
     * @param sequences compute with the parameters of {@code weights}
     * @param biases keys of all its biases
     */
    public static WeightSpaceLayer of(
            NeuralNetConfiguration conf,
            ShowingSequences sequences,
            List<String> biases,
            AdaptedWeights weights,
            DataType type) {
        return of(conf, new Computation.Sequences(sequences, biases, weights), type);
    }

    private static WeightSpaceLayer of(NeuralNetConfiguration conf, Computation computation, DataType type) {
        if (computation.layer() instanceof IOutputLayer output) {
            return new WeightSpaceOutput(conf, output, computation, type);
        }
        return computation.layer() instanceof RecurrentLayer recurrent
                ? new WeightSpaceRecurrent(conf, recurrent, computation, type)
                : new WeightSpaceLayer(conf, computation, type);
    }

    WeightSpaceLayer(NeuralNetConfiguration conf, Computation computation, DataType type) {
        super(conf, type);
        this.stock = computation.layer();
        this.computation = computation;
    }

    final boolean training(boolean training) {
        return computation.training(training);
    }

    @Override
    public final void setAdapterEnabled(boolean enabled) {
        computation.weights().setEnabled(enabled);
    }

    @Override
    public final void setWeightsWithoutAdapter(Map<String, INDArray> weights) {
        computation.weights().setWithoutAdapter(weights);
    }

    final void refresh() {
        computation.weights().refresh(params(), paramTable());
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        refresh();
        return stock.activate(training(training), workspaces);
    }

    @Override
    public INDArray activate(INDArray input, boolean training, LayerWorkspaceMgr workspaces) {
        setInput(input, workspaces);
        return activate(training, workspaces);
    }

    @Override
    public Pair<Gradient, @Nullable INDArray> backpropGradient(
            @Nullable INDArray epsilon, LayerWorkspaceMgr workspaces) {
        prepareBackward(workspaces);
        INDArray error = epsilon == null ? null : computation.error(epsilon, workspaces);
        return gradientsFrom(stock.backpropGradient(error, workspaces));
    }

    final void prepareBackward(LayerWorkspaceMgr workspaces) {
        refresh();
        computation.prepare(dataType, workspaces);
    }

    final Pair<Gradient, @Nullable INDArray> gradientsFrom(Pair<Gradient, INDArray> full) {
        Gradient result = new DefaultGradient();
        Map<String, INDArray> views = gradientViews;
        if (views != null && !views.isEmpty()) {
            computation.gradients(full.getFirst(), paramTable(), views);
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
