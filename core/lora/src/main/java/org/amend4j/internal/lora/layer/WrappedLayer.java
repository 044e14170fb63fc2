/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.layer;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.amend4j.internal.model.Configurations;
import org.amend4j.internal.model.SuppressForbidden;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.LayerWrapper;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.weights.IWeightInit;
import org.deeplearning4j.nn.weights.WeightInitXavier;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.shade.jackson.annotation.JsonIgnore;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Configuration of a layer that replaces a stock layer with this library's implementation. The stock layer's
 * {@linkplain org.amend4j.internal.network.LayerKind kind} determines which running layer implements it.
 *
 * <p>Class and property names are part of Deeplearning4j's file format.
 */
public abstract class WrappedLayer extends BaseLayer implements LayerWrapper<Layer> {

    private static final long serialVersionUID = 1L;

    @JsonProperty
    private Layer layer;

    @JsonProperty
    private final boolean inputFrozen;

    /**
     * @param layer the stock configuration
     * @param inputFrozen whether nothing below this layer trains
     */
    protected WrappedLayer(Layer layer, boolean inputFrozen) {
        this.layer = Objects.requireNonNull(layer, "layer");
        this.inputFrozen = inputFrozen;
        setLayerName(layer.getLayerName());
        LayerKinds.activation(layer).ifPresent(this::setActivationFn);
    }

    /** The stock layer's configuration. */
    public Layer getLayer() {
        return layer;
    }

    @Override
    public Layer inner() {
        return layer;
    }

    /** Whether nothing below this layer trains. */
    public boolean isInputFrozen() {
        return inputFrozen;
    }

    @Override
    public org.deeplearning4j.nn.api.Layer instantiate(
            NeuralNetConfiguration conf,
            @Nullable Collection<TrainingListener> listeners,
            int layerIndex,
            @Nullable INDArray parameterView,
            boolean initializeParameters,
            DataType networkDataType) {
        org.deeplearning4j.nn.api.Layer result = create(conf, networkDataType);
        if (listeners != null) {
            result.setListeners(listeners);
        }
        result.setIndex(layerIndex);
        if (result instanceof BaseBackedLayer backed) {
            if (parameterView != null) {
                backed.setParamsViewArray(parameterView);
            }
            Map<String, INDArray> table =
                    parameterView == null ? Map.of() : initializer().init(conf, parameterView, initializeParameters);
            backed.setParamTable(table);
        }
        return result;
    }

    /** The running layer, without parameters yet. */
    protected abstract org.deeplearning4j.nn.api.Layer create(NeuralNetConfiguration conf, DataType type);

    /**
     * Never null, and neither are the next two, though files say so: Deeplearning4j takes a configuration without them for one of an
     * old release, reads its text again as JSON, and so can read no YAML of it.
     */
    @Override
    @JsonIgnore
    public IActivation getActivationFn() {
        return Objects.requireNonNullElseGet(activationFn, ActivationIdentity::new);
    }

    @Override
    @JsonIgnore
    public IWeightInit getWeightInitFn() {
        return Objects.requireNonNullElseGet(weightInitFn, WeightInitXavier::new);
    }

    @Override
    @JsonIgnore
    public List<Regularization> getRegularization() {
        return Objects.requireNonNullElseGet(regularization, ArrayList::new);
    }

    /** As the next two, read again from files: what is ignored of the getter would hold of the setter, too. */
    @Override
    @JsonProperty("activationFn")
    public void setActivationFn(IActivation function) {
        super.setActivationFn(function);
    }

    @Override
    @JsonProperty("weightInitFn")
    public void setWeightInitFn(IWeightInit start) {
        super.setWeightInitFn(start);
    }

    @Override
    @JsonProperty("regularization")
    public void setRegularization(List<Regularization> penalties) {
        super.setRegularization(penalties);
    }

    /** As the next two, what files say: nothing where there is nothing, as in every release. */
    @JsonProperty("activationFn")
    @Nullable
    IActivation writtenActivation() {
        return activationFn;
    }

    @JsonProperty("weightInitFn")
    @Nullable
    IWeightInit writtenWeightInit() {
        return weightInitFn;
    }

    @JsonProperty("regularization")
    @Nullable
    List<Regularization> writtenRegularization() {
        return regularization;
    }

    @Override
    public InputType getOutputType(int layerIndex, InputType inputType) {
        return layer.getOutputType(layerIndex, inputType);
    }

    @Override
    public void setNIn(InputType inputType, boolean override) {
        // The weights decide.
    }

    @Override
    public InputPreProcessor getPreProcessorForInputType(InputType inputType) {
        return layer.getPreProcessorForInputType(inputType);
    }

    @Override
    public boolean isPretrainParam(String parameter) {
        return false;
    }

    @Override
    public LayerMemoryReport getMemoryReport(InputType inputType) {
        return layer.getMemoryReport(inputType);
    }

    @Override
    public void setLayerName(String name) {
        super.setLayerName(name);
        layer.setLayerName(name);
    }

    @Override
    @SuppressForbidden("the layer inside is copied")
    public WrappedLayer clone() {
        WrappedLayer copy = (WrappedLayer) super.clone();
        copy.layer = Configurations.copy(layer);
        return copy;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof WrappedLayer that && getClass() == that.getClass() && facts().equals(that.facts());
    }

    @Override
    public int hashCode() {
        return facts().hashCode();
    }

    /** What equality compares. */
    protected List<Object> facts() {
        return List.of(String.valueOf(getLayerName()), layer, inputFrozen);
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "(" + layer + ")";
    }
}
