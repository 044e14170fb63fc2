/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.Collection;
import java.util.Objects;
import org.amend4j.internal.lora.sequence.ExternalErrors;
import org.amend4j.internal.model.Configurations;
import org.amend4j.internal.network.Wrappers;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Configuration of a layer written in SameDiff (attention, locally connected, a user's own) that is trained in full, with the
 * gradients that Deeplearning4j would double ({@link ExternalErrors}). Parameters and updater are the layer's own.
 *
 * <p>Class and property names are part of Deeplearning4j's file format.
 */
public final class TrainedSameDiffLayer extends BaseWrapperLayer {

    private static final long serialVersionUID = 1L;

    /** @param underlying the stock layer's configuration, or a wrapper around it */
    public TrainedSameDiffLayer(@JsonProperty("underlying") Layer underlying) {
        super(Objects.requireNonNull(underlying, "underlying"));
        setLayerName(underlying.getLayerName());
    }

    /** Whether a layer trained in full needs this, itself or for what it is around. */
    static boolean serves(Layer layer) {
        return ExternalErrors.concerns(layer) || Wrappers.inside(layer).stream().anyMatch(TrainedSameDiffLayer::serves);
    }

    @Override
    public org.deeplearning4j.nn.api.Layer instantiate(
            NeuralNetConfiguration conf,
            @Nullable Collection<TrainingListener> listeners,
            int layerIndex,
            @Nullable INDArray parameterView,
            boolean initializeParameters,
            DataType networkDataType) {
        NeuralNetConfiguration inner = Configurations.copy(conf);
        inner.setLayer(((TrainedSameDiffLayer) inner.getLayer()).getUnderlying());
        return new Running(getUnderlying()
                .instantiate(inner, listeners, layerIndex, parameterView, initializeParameters, networkDataType));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TrainedSameDiffLayer that && getUnderlying().equals(that.getUnderlying());
    }

    @Override
    public int hashCode() {
        return getUnderlying().hashCode();
    }

    @Override
    public String toString() {
        return "TrainedSameDiffLayer(" + getUnderlying() + ")";
    }

    /** Hands the layer the error that makes its gradients right. */
    private static final class Running extends org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer {

        private static final long serialVersionUID = 1L;

        Running(org.deeplearning4j.nn.api.Layer stock) {
            super(stock);
        }

        @Override
        public Pair<Gradient, INDArray> backpropGradient(INDArray epsilon, LayerWorkspaceMgr workspaces) {
            return underlying.backpropGradient(ExternalErrors.of(underlying, epsilon, workspaces), workspaces);
        }
    }
}
