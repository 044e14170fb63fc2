/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.Collection;
import java.util.Objects;
import org.amend4j.internal.lora.sequence.PrefixRecurrent;
import org.amend4j.internal.model.Unfrozen;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Configuration of a layer below all trained layers. It is Deeplearning4j's {@code FrozenLayer}, where the backward pass
 * stops, but a recurrent layer in it is still treated as recurrent: it keeps its state between time steps and between segments
 * of truncated back-propagation, and is cleared when the graph is.
 *
 * <p>Class and property names are part of Deeplearning4j's file format.
 */
public final class PrefixLayer extends FrozenLayer {

    private static final long serialVersionUID = 1L;

    /**
     * @param layer the frozen layer's own configuration
     */
    public PrefixLayer(@JsonProperty("layer") Layer layer) {
        super(Objects.requireNonNull(layer, "layer"));
    }

    @Override
    public org.deeplearning4j.nn.api.Layer instantiate(
            NeuralNetConfiguration conf,
            @Nullable Collection<TrainingListener> listeners,
            int layerIndex,
            @Nullable INDArray parameterView,
            boolean initializeParameters,
            DataType networkDataType) {
        org.deeplearning4j.nn.api.Layer frozen =
                super.instantiate(conf, listeners, layerIndex, parameterView, initializeParameters, networkDataType);
        return Unfrozen.running(frozen) instanceof RecurrentLayer recurrent ? new PrefixRecurrent(recurrent) : frozen;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PrefixLayer that && getLayer().equals(that.getLayer());
    }

    @Override
    public int hashCode() {
        return getLayer().hashCode();
    }
}
