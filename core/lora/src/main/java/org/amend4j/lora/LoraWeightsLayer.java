/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.internal.lora.CarriesAdapters;
import org.amend4j.internal.lora.effective.AdaptedWeights;
import org.amend4j.internal.lora.effective.WeightSpaceLayer;
import org.amend4j.internal.lora.sequence.ShowingSequences;
import org.amend4j.internal.network.ComputesItself;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.internal.text.Article;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.config.AdaptedBias;
import org.amend4j.lora.config.WeightAdapter;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Configuration of a base layer some of whose weights have LoRA adapters, or some of whose biases train. Only the factors
 * A [rows, rank] and B [rank, columns], the vectors of their scheme (DoRA's magnitude, a bias on B) and copies of biases that train
 * too are parameters.
 *
 * <p>A layer that multiplies rows of its input by its only weight, as dense ones and convolutions do, does all of that on the rows, as
 * a {@link LoraLayer} does, which is for factors alone. In place of every other Deeplearning4j's own layer computes with
 * {@code W + s·A·B}: a step then also makes each adapted weight and its gradient, which live as long as the layer is at work.
 *
 * <p>The class name, the property names and the order of the parameters are Deeplearning4j's file format.
 */
public final class LoraWeightsLayer extends FrozenBaseLayer implements CarriesAdapters, ComputesItself {

    private static final long serialVersionUID = 1L;

    @JsonProperty
    private final List<WeightAdapter> adapters;

    @JsonProperty
    private final List<AdaptedBias> biases;

    /**
     * Of any layer; {@linkplain FrozenBaseLayer#FrozenBaseLayer its likes without adapters} say the rest.
     *
     * @param adapters in the order of the layer's weights, without dropout unless they work on the layer's input
     * @param biases that train too, in the layer's order; at least one of both
     * @throws IllegalArgumentException if an adapter that adds to a weight is to drop inputs
     */
    public LoraWeightsLayer(
            @JsonProperty("layer") Layer layer,
            @JsonProperty("baseFingerprint") String baseFingerprint,
            @JsonProperty("inputFrozen") boolean inputFrozen,
            @JsonProperty("adapters") List<WeightAdapter> adapters,
            @JsonProperty("biases") List<AdaptedBias> biases) {
        super(layer, baseFingerprint, inputFrozen);
        this.adapters = List.copyOf(Objects.requireNonNull(adapters, "adapters"));
        this.biases = List.copyOf(Objects.requireNonNull(biases, "biases"));
        this.adapters.forEach(this::requireInputToDrop);
        Checks.atLeast(1, "the number of adapters and biases of a layer", adapters.size() + biases.size());
        inheritUpdaterAlone(layer);
    }

    /** What adds to a weight has no input to drop; a table's input are numbers, of which nothing is dropped anyway. */
    private void requireInputToDrop(WeightAdapter one) {
        boolean isTable =
                LayerKinds.weight(getLayer()).filter(WeightMatrix::isTable).isPresent();
        if (one.adapter().dropout() > 0 && !worksOnInput() && !isTable) {
            throw new IllegalArgumentException("dropout must be 0 for '"
                    + one.weight().name()
                    + "': its adapter adds to the weight, and only adapters on a layer's input drop it, got "
                    + one.adapter().dropout() + "; leave it out of the targets, or do without dropout");
        }
    }

    @Override
    public LoraWeightsLayer withoutDropout() {
        List<WeightAdapter> all =
                adapters.stream().map(WeightAdapter::withoutDropout).toList();
        return new LoraWeightsLayer(getLayer(), base().hex(), isInputFrozen(), all, biases);
    }

    @Override
    public List<WeightAdapter> adapters() {
        return adapters;
    }

    @Override
    public List<AdaptedBias> biases() {
        return biases;
    }

    @Override
    public org.deeplearning4j.nn.api.Layer instantiate(
            NeuralNetConfiguration conf,
            @Nullable Collection<TrainingListener> listeners,
            int layerIndex,
            @Nullable INDArray parameterView,
            boolean initializeParameters,
            DataType networkDataType) {
        org.deeplearning4j.nn.api.Layer result =
                super.instantiate(conf, listeners, layerIndex, parameterView, initializeParameters, networkDataType);
        if (initializeParameters) {
            FactorInitializer.startAtBase(
                    this,
                    LayerKinds.weights(getLayer()),
                    openBase().parameters(getLayerName(), networkDataType),
                    result.paramTable());
        }
        return result;
    }

    @Override
    protected org.deeplearning4j.nn.api.Layer create(NeuralNetConfiguration conf, DataType type) {
        Map<String, WeightMatrix> matrices = LayerKinds.weights(getLayer());
        adapters.forEach(one -> requireWeight(one, matrices));
        if (worksOnInput()) {
            return onBase(LayerKinds.of(getLayer()).orElseThrow(), conf, type);
        }
        BaseModel base = openBase();
        INDArray own = base.flatParameters(getLayerName(), type).dup().reshape(-1);
        Map<String, INDArray> weights = base.parameters(getLayerName(), type);
        List<String> keys = biases.stream().map(AdaptedBias::parameter).toList();
        Optional<ShowingSequences> sequences = ShowingSequences.of(stockConf(conf), own, type, !isInputFrozen());
        if (sequences.isPresent()) {
            Map<String, INDArray> views = getLayer().initializer().init(stockConf(conf), own, false);
            AdaptedWeights adapted = new AdaptedWeights(adapters, keys, matrices, weights, views);
            List<String> all = LayerKinds.biases(getLayer());
            return keepingOpen(base, WeightSpaceLayer.of(conf, sequences.get(), all, adapted, type));
        }
        org.deeplearning4j.nn.api.Layer stock = getLayer().instantiate(stockConf(conf), null, 0, own, false, type);
        AdaptedWeights adapted = new AdaptedWeights(adapters, keys, matrices, weights, stock.paramTable());
        return keepingOpen(base, WeightSpaceLayer.of(conf, stock, adapted, type));
    }

    /** With more than an adapter's factors on the only weight, by which rows are multiplied. */
    @Override
    public boolean worksOnInput() {
        boolean plain = biases.isEmpty()
                && adapters.stream().allMatch(one -> one.adapter().scheme().isFactorsAlone());
        return !plain
                && biases.stream().allMatch(bias -> bias.parameter().equals(DefaultParamInitializer.BIAS_KEY))
                && LayerKinds.weight(getLayer())
                        .filter(weight -> !weight.isTable())
                        .isPresent();
    }

    private void requireWeight(WeightAdapter adapter, Map<String, WeightMatrix> matrices) {
        WeightMatrix weight = matrices.get(adapter.weight().parameter());
        if (weight == null) {
            throw new IllegalStateException("layer '" + getLayerName() + "' is "
                    + Article.before(getLayer().getClass().getName()) + ", whose "
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
        return Stream.concat(super.facts().stream(), Stream.of(adapters, biases))
                .toList();
    }
}
