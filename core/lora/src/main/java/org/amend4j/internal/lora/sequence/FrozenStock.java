/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.sequence;

import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.PropagatesInputGradient;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.TrainingConfig;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.misc.DummyConfig;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Any other layer of the base: Deeplearning4j's own, on the base's weights and in test mode. Its backward pass writes the
 * weights' gradient into scratch memory of the working workspace, gone after the layer, and only hands down the input's.
 */
public class FrozenStock extends BaseWrapperLayer {

    private static final long serialVersionUID = 1L;

    private final long baseParameters;
    private final boolean inputFrozen;
    private final boolean copiesInput;
    private final transient TrainingConfig training;

    @SuppressWarnings("UnusedVariable") // held, not read: the registry of open bases is weak
    private transient @Nullable BaseModel base;

    /**
     * The layer of a base that has no running layer of its own kind: one that computes its input's gradient alone where there is
     * one and it is wanted, else Deeplearning4j's own.
     *
     * @param conf with the stock layer in it
     * @param parameters the base's, as a row or a vector in Deeplearning4j's order
     */
    public static FrozenStock of(NeuralNetConfiguration conf, INDArray parameters, DataType type, boolean inputFrozen) {
        Optional<FrozenStock> ours = inputFrozen ? Optional.empty() : MadeSequences.of(conf, parameters, type);
        if (ours.isPresent()) {
            return ours.get();
        }
        Layer stock = conf.getLayer().instantiate(conf, null, 0, parameters, false, type);
        boolean overwrites = LayerKinds.resembling(conf.getLayer())
                .filter(known -> known.kind().overwritesInput())
                .isPresent();
        return stock instanceof RecurrentLayer recurrent
                ? new FrozenRecurrent(recurrent, inputFrozen)
                : new FrozenStock(stock, inputFrozen, overwrites);
    }

    FrozenStock(Layer stock, boolean inputFrozen) {
        this(stock, inputFrozen, false);
    }

    /**
     * @param copiesInput whether the stock layer overwrites its input in test mode, which the backward pass and other readers need: it
     *     runs in training mode then
     */
    FrozenStock(Layer stock, boolean inputFrozen, boolean copiesInput) {
        super(stock);
        this.copiesInput = copiesInput;
        this.baseParameters = stock.numParams();
        this.inputFrozen = inputFrozen;
        this.training = new DummyConfig(stock.conf().getLayer().getLayerName());
    }

    /** Keeps the base open for as long as this layer lives. */
    public final void keepOpen(BaseModel open) {
        this.base = open;
    }

    @Override
    public INDArray activate(boolean training, LayerWorkspaceMgr workspaces) {
        return underlying.activate(copiesInput, workspaces);
    }

    @Override
    public INDArray activate(INDArray input, boolean training, LayerWorkspaceMgr workspaces) {
        return underlying.activate(input, copiesInput, workspaces);
    }

    @Override
    public Pair<Gradient, @Nullable INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        if (inputFrozen) {
            return new Pair<>(new DefaultGradient(), null);
        }
        if (underlying instanceof PropagatesInputGradient alone) {
            return new Pair<>(new DefaultGradient(), alone.inputGradient(epsilon, workspaces));
        }
        scratchGradients(epsilon, workspaces);
        INDArray error = ExternalErrors.of(underlying, epsilon, workspaces);
        return inputGradientOnly(underlying.backpropGradient(error, workspaces));
    }

    /** A vector, as Deeplearning4j's own: bidirectional layers take halves of its first dimension. */
    final void scratchGradients(INDArray epsilon, LayerWorkspaceMgr workspaces) {
        if (baseParameters == 0) {
            return;
        }
        underlying.setBackpropGradientsViewArray(workspaces.createUninitialized(
                ArrayType.BP_WORKING_MEM, epsilon.dataType(), new long[] {baseParameters}));
    }

    static Pair<Gradient, @Nullable INDArray> inputGradientOnly(Pair<Gradient, INDArray> full) {
        return new Pair<>(new DefaultGradient(), full.getSecond());
    }

    @Override
    public Gradient gradient() {
        return new DefaultGradient();
    }

    @Override
    public double calcRegularizationScore(boolean backpropParamsOnly) {
        return 0;
    }

    @Override
    public void applyConstraints(int iteration, int epoch) {
        // The base's weights never change.
    }

    @Override
    public long numParams() {
        return 0;
    }

    @Override
    public long numParams(boolean backwards) {
        return 0;
    }

    @Override
    public @Nullable INDArray params() {
        return null;
    }

    @Override
    public Map<String, INDArray> paramTable() {
        return Map.of();
    }

    @Override
    public Map<String, INDArray> paramTable(boolean backpropParamsOnly) {
        return Map.of();
    }

    @Override
    public TrainingConfig getConfig() {
        return training;
    }
}
