package org.amend4j.lora;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.amend4j.model.BaseModel;
import org.amend4j.model.Fingerprint;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.params.EmptyParamInitializer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Configuration of a layer whose weights belong to a base model: it has no parameters of its own, and always runs in test
 * mode (no dropout, stored batch statistics). Only the base's fingerprint is stored; the weights are looked up when the
 * layer is built.
 *
 * <p>The class name and the property names are part of Deeplearning4j's file format.
 */
public class FrozenBaseLayer extends BaseLayer {

    private static final long serialVersionUID = 1L;

    @JsonProperty
    private Layer layer;

    @JsonProperty
    private final String baseFingerprint;

    @JsonProperty
    private final boolean inputFrozen;

    /**
     * @param layer the base layer's own configuration; dropout, weight noise and constraints in it are ignored
     * @param baseFingerprint fingerprint of the whole base model, hexadecimal
     * @param inputFrozen whether nothing below this layer trains, so that its input gradient is never wanted
     */
    public FrozenBaseLayer(
            @JsonProperty("layer") Layer layer,
            @JsonProperty("baseFingerprint") String baseFingerprint,
            @JsonProperty("inputFrozen") boolean inputFrozen) {
        this.layer = inTestMode(Objects.requireNonNull(layer, "layer"));
        this.baseFingerprint = new Fingerprint(baseFingerprint).hex();
        this.inputFrozen = inputFrozen;
        setLayerName(layer.getLayerName());
        if (layer instanceof BaseLayer weighted) {
            setActivationFn(weighted.getActivationFn());
        }
    }

    /** A copy without what only training uses. */
    static Layer inTestMode(Layer layer) {
        Layer copy = layer.clone();
        copy.setIDropout(null);
        copy.setConstraints(null);
        if (copy instanceof BaseLayer weighted) {
            weighted.setWeightNoise(null);
        }
        return copy;
    }

    /** The base layer's own configuration. */
    public Layer getLayer() {
        return layer;
    }

    /** Fingerprint of the base model this layer's weights belong to. */
    public Fingerprint base() {
        return new Fingerprint(baseFingerprint);
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
        BaseModel base = BaseModel.require(base(), String.valueOf(getLayerName()));
        org.deeplearning4j.nn.api.Layer result = FrozenLayers.create(this, conf, base, networkDataType);
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

    @Override
    public ParamInitializer initializer() {
        return EmptyParamInitializer.getInstance();
    }

    @Override
    public InputType getOutputType(int layerIndex, InputType inputType) {
        return layer.getOutputType(layerIndex, inputType);
    }

    @Override
    public void setNIn(InputType inputType, boolean override) {
        // The base's weights decide.
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
    public FrozenBaseLayer clone() {
        FrozenBaseLayer copy = (FrozenBaseLayer) super.clone();
        copy.layer = layer.clone();
        return copy;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FrozenBaseLayer that && getClass() == that.getClass() && facts().equals(that.facts());
    }

    @Override
    public int hashCode() {
        return facts().hashCode();
    }

    /** What equality compares. */
    List<Object> facts() {
        return List.of(String.valueOf(getLayerName()), layer, baseFingerprint, inputFrozen);
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "(" + layer + ", base " + base().abbreviated() + ")";
    }
}
