/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.internal.lora.CarriesAdapters;
import org.amend4j.internal.lora.layer.BaseBackedLayer;
import org.amend4j.internal.lora.layer.WrappedLayer;
import org.amend4j.internal.lora.sequence.ExternalErrors;
import org.amend4j.internal.lora.sequence.FrozenStock;
import org.amend4j.internal.model.Configurations;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.StandsOnBase;
import org.amend4j.internal.network.Wrappers;
import org.amend4j.lora.config.FactorTraining;
import org.amend4j.model.BaseModel;
import org.amend4j.model.Fingerprint;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.samediff.AbstractSameDiffLayer;
import org.deeplearning4j.nn.params.EmptyParamInitializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.shade.jackson.annotation.JsonInclude;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Configuration of a layer whose weights belong to a base model: it has no parameters of its own, and always runs in test
 * mode (no dropout, stored batch statistics). Only the base's fingerprint is stored; the weights are looked up when the
 * layer is built.
 */
public sealed class FrozenBaseLayer extends WrappedLayer implements StandsOnBase
        permits LoraLayer, LoraWeightsLayer, TrainedTokensLayer {

    private static final long serialVersionUID = 1L;

    @JsonProperty
    private final String baseFingerprint;

    /** Null, and then not written, if the updater alone trains the factors; so always where there are none. */
    @JsonProperty
    @JsonInclude(JsonInclude.Include.NON_NULL)
    private @Nullable FactorTraining factorTraining;

    /**
     * @param layer the base layer's own configuration; dropout, weight noise and constraints in it are ignored
     * @param baseFingerprint fingerprint of the whole base model, hexadecimal
     * @param inputFrozen whether nothing below this layer trains, so that its input gradient is never wanted
     */
    public FrozenBaseLayer(
            @JsonProperty("layer") Layer layer,
            @JsonProperty("baseFingerprint") String baseFingerprint,
            @JsonProperty("inputFrozen") boolean inputFrozen) {
        super(inTestMode(layer), inputFrozen);
        this.baseFingerprint = new Fingerprint(baseFingerprint).hex();
    }

    /** How factors are trained beside the updater. */
    public final FactorTraining factorTraining() {
        return Objects.requireNonNullElse(factorTraining, FactorTraining.PLAIN);
    }

    final void trainFactors(FactorTraining training) {
        factorTraining = training.equals(FactorTraining.PLAIN) ? null : training;
    }

    /** This layer with adapters that drop nothing of its input. */
    public FrozenBaseLayer withoutDropout() {
        return this;
    }

    /** By how much the learning rate of a parameter differs from the updater's; 0 if it is not trained. */
    public final double rateFactor(String key) {
        boolean isA = this instanceof CarriesAdapters carrier
                && carrier.adapters().stream()
                        .anyMatch(one -> one.weight().keyOfA().equals(key));
        return FactorRates.factor(factorTraining(), isA);
    }

    @Override
    public final IUpdater getUpdaterByParam(String key) {
        return FactorRates.times(rateFactor(key), super.getUpdaterByParam(key));
    }

    @Override
    public final List<Regularization> getRegularizationByParam(String key) {
        return rateFactor(key) == 0 ? List.of() : super.getRegularizationByParam(key);
    }

    /** A layer of a base as it never trains: on the base's weights, or Deeplearning4j's own where it has none and is right. */
    public static Layer standingOn(Fingerprint base, Layer layer, boolean inputFrozen) {
        boolean ours = layer.initializer().numParams(layer) > 0
                || LayerKinds.of(layer).filter(LayerKinds.Known::runsOnBase).isPresent()
                || ExternalErrors.concerns(layer);
        Layer result = ours ? new FrozenBaseLayer(layer, base.hex(), inputFrozen) : inTestMode(layer);
        result.setLayerName(layer.getLayerName());
        return result;
    }

    /** Takes over the updater of a layer's own weights, as a start, but no regularisation. */
    final void inheritUpdaterAlone(Layer from) {
        updater(from).ifPresent(this::setIUpdater);
        setRegularization(new ArrayList<>());
        setRegularizationBias(new ArrayList<>());
    }

    private static Optional<IUpdater> updater(Layer layer) {
        if (layer instanceof BaseLayer weighted) {
            return Optional.ofNullable(weighted.getIUpdater());
        }
        if (layer instanceof AbstractSameDiffLayer written) {
            return Optional.ofNullable(written.getUpdater());
        }
        return Wrappers.inside(layer).stream()
                .flatMap(inside -> updater(inside).stream())
                .findFirst();
    }

    /** A copy without what only training uses. */
    static Layer inTestMode(Layer layer) {
        Layer copy = Configurations.copy(layer);
        copy.setIDropout(null);
        copy.setConstraints(null);
        if (copy instanceof BaseLayer weighted) {
            weighted.setWeightNoise(null);
        }
        return copy;
    }

    @Override
    public Fingerprint base() {
        return new Fingerprint(baseFingerprint);
    }

    @Override
    protected org.deeplearning4j.nn.api.Layer create(NeuralNetConfiguration conf, DataType type) {
        Optional<LayerKinds.Known<?>> ours = LayerKinds.of(getLayer()).filter(LayerKinds.Known::runsOnBase);
        return ours.isPresent() ? onBase(ours.get(), conf, type) : stock(conf, type);
    }

    /** The kind's own running layer on the base's weights, which stay open as long as it lives. */
    final org.deeplearning4j.nn.api.Layer onBase(LayerKinds.Known<?> kind, NeuralNetConfiguration conf, DataType type) {
        BaseModel base = openBase();
        return keepingOpen(base, kind.onBase(conf, weights(base, type), type));
    }

    private Map<String, INDArray> weights(BaseModel base, DataType type) {
        boolean none = getLayer().initializer().numParams(getLayer()) == 0;
        return none ? Map.of() : base.parameters(getLayerName(), type);
    }

    /** The stock layer's configuration in a copy of the one around this. */
    final NeuralNetConfiguration stockConf(NeuralNetConfiguration conf) {
        NeuralNetConfiguration inner = Configurations.copy(conf);
        inner.setLayer(getLayer());
        inner.clearVariables();
        return inner;
    }

    private org.deeplearning4j.nn.api.Layer stock(NeuralNetConfiguration conf, DataType type) {
        if (getLayer() instanceof BaseOutputLayer) {
            throw new IllegalArgumentException(
                    "an output layer of type " + getLayer().getClass().getSimpleName()
                            + " cannot be frozen: train it in full (layer '" + getLayerName() + "')");
        }
        BaseModel base = openBase();
        return keepingOpen(
                base,
                FrozenStock.of(stockConf(conf), base.flatParameters(getLayerName(), type), type, isInputFrozen()));
    }

    final BaseModel openBase() {
        return BaseModel.require(base(), String.valueOf(getLayerName()));
    }

    static org.deeplearning4j.nn.api.Layer keepingOpen(BaseModel base, org.deeplearning4j.nn.api.Layer running) {
        if (running instanceof BaseBackedLayer backed) {
            backed.keepOpen(base);
        }
        return running;
    }

    @Override
    public ParamInitializer initializer() {
        return EmptyParamInitializer.getInstance();
    }

    @Override
    protected List<Object> facts() {
        return Stream.concat(super.facts().stream(), Stream.of(baseFingerprint, factorTraining()))
                .toList();
    }
}
