/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.config.WeightAdapter;
import org.amend4j.lora.frozen.ShowingSequences;
import org.amend4j.lora.weights.AdaptedWeights;
import org.amend4j.lora.weights.WeightSpaceLayer;
import org.amend4j.model.BaseModel;
import org.amend4j.network.AddsToWeights;
import org.amend4j.network.LayerKinds;
import org.amend4j.network.WeightMatrix;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Configuration of a base layer some of whose weights have LoRA adapters: Deeplearning4j's own layer computes with {@code W + s·A·B}
 * in place of each of them. Only the factors A [rows, rank] and B [rank, columns] are parameters.
 *
 * <p>Compared with a {@link LoraLayer}, whose adapter works on the layer's input, a step also makes each adapted weight and its
 * gradient, which live as long as the layer is at work.
 *
 * <p>The class name, the property names and the order of the parameters are Deeplearning4j's file format.
 */
public final class LoraWeightsLayer extends FrozenBaseLayer implements CarriesAdapters, AddsToWeights {

    private static final long serialVersionUID = 1L;

    @JsonProperty
    private final List<WeightAdapter> adapters;

    /**
     * @param layer the base layer's own configuration
     * @param baseFingerprint fingerprint of the whole base model, hexadecimal
     * @param inputFrozen whether nothing below this layer trains
     * @param adapters in the order of the layer's weights, at least one, without dropout
     */
    public LoraWeightsLayer(
            @JsonProperty("layer") Layer layer,
            @JsonProperty("baseFingerprint") String baseFingerprint,
            @JsonProperty("inputFrozen") boolean inputFrozen,
            @JsonProperty("adapters") List<WeightAdapter> adapters) {
        super(layer, baseFingerprint, inputFrozen);
        this.adapters = requireTogether(adapters);
        inheritUpdaterAlone(layer);
    }

    /** Adapters of one vertex, none of which has dropout: there is no input of A to drop. */
    static List<WeightAdapter> requireTogether(List<WeightAdapter> adapters) {
        List<WeightAdapter> all = List.copyOf(Objects.requireNonNull(adapters, "adapters"));
        Checks.atLeast(1, "the number of adapters of a layer", all.size());
        for (WeightAdapter one : all) {
            if (one.adapter().dropout() > 0) {
                throw new IllegalArgumentException(
                        "dropout must be 0 for '" + one.weight().name()
                                + "', whose adapter adds to the weight and has no input to drop, got "
                                + one.adapter().dropout());
            }
        }
        return all;
    }

    @Override
    public List<WeightAdapter> adapters() {
        return adapters;
    }

    @Override
    protected org.deeplearning4j.nn.api.Layer create(NeuralNetConfiguration conf, DataType type) {
        Map<String, WeightMatrix> matrices = LayerKinds.weights(getLayer());
        adapters.forEach(one -> requireWeight(one, matrices));
        BaseModel base = openBase();
        INDArray own = base.flatParameters(getLayerName(), type).dup().reshape(-1);
        Map<String, INDArray> weights = base.parameters(getLayerName(), type);
        Optional<ShowingSequences> sequences = ShowingSequences.of(stockConf(conf), own, type, !isInputFrozen());
        if (sequences.isPresent()) {
            Map<String, INDArray> views = getLayer().initializer().init(stockConf(conf), own, false);
            AdaptedWeights adapted = new AdaptedWeights(adapters, matrices, weights, views);
            return keepingOpen(base, WeightSpaceLayer.of(conf, sequences.get(), adapted, type));
        }
        org.deeplearning4j.nn.api.Layer stock = getLayer().instantiate(stockConf(conf), null, 0, own, false, type);
        AdaptedWeights adapted = new AdaptedWeights(adapters, matrices, weights, stock.paramTable());
        return keepingOpen(base, WeightSpaceLayer.of(conf, stock, adapted, type));
    }

    private void requireWeight(WeightAdapter adapter, Map<String, WeightMatrix> matrices) {
        WeightMatrix weight = matrices.get(adapter.weight().parameter());
        if (weight == null) {
            throw new IllegalStateException("layer '" + getLayerName() + "' is a "
                    + getLayer().getClass().getName() + ", whose "
                    + adapter.weight().parameter()
                    + " takes no adapter; kinds of layers are made known with LayerKinds.add");
        }
        if (weight.rows() != adapter.rows() || weight.columns() != adapter.columns()) {
            throw new IllegalStateException(
                    "the adapter of '" + adapter.weight().name() + "' must be for a weight of "
                            + weight.rows() + " x " + weight.columns() + ", got " + adapter.rows() + " x "
                            + adapter.columns());
        }
    }

    @Override
    public ParamInitializer initializer() {
        return FactorInitializer.INSTANCE;
    }

    @Override
    protected List<Object> facts() {
        return Stream.concat(super.facts().stream(), Stream.of(adapters)).toList();
    }
}
