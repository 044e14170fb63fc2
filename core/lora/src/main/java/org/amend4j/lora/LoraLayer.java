/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.amend4j.internal.lora.CarriesAdapters;
import org.amend4j.internal.network.HasAdapter;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.internal.text.Article;
import org.amend4j.lora.config.AdaptedWeight;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.config.WeightAdapter;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Configuration of a base layer with a LoRA adapter: {@code y = xW + s·drop(x)AB + b}, where W and b are the base's and
 * only A [rows, rank] and B [rank, columns] are parameters (Hu et al., arXiv 2106.09685, eq. 3).
 *
 * <p>The class name, the property names and the order A, B of the parameters are Deeplearning4j's file format.
 */
public final class LoraLayer extends FrozenBaseLayer implements HasAdapter, CarriesAdapters {

    private static final long serialVersionUID = 1L;

    @JsonProperty
    private final AdapterSpec adapter;

    @JsonProperty
    private final long rows;

    @JsonProperty
    private final long columns;

    /**
     * Of a layer with one weight; {@linkplain FrozenBaseLayer#FrozenBaseLayer its likes without an adapter} say the rest.
     *
     * @param adapter rank, scaling, dropout and start of the adapter
     * @param rows rows of the matricised weight: inputs, times the kernel's size for a convolution
     * @param columns columns of the matricised weight: outputs
     */
    public LoraLayer(
            @JsonProperty("layer") Layer layer,
            @JsonProperty("baseFingerprint") String baseFingerprint,
            @JsonProperty("inputFrozen") boolean inputFrozen,
            @JsonProperty("adapter") AdapterSpec adapter,
            @JsonProperty("rows") long rows,
            @JsonProperty("columns") long columns) {
        super(layer, baseFingerprint, inputFrozen);
        this.adapter = Objects.requireNonNull(adapter, "adapter");
        this.rows = rows;
        this.columns = columns;
        adapters(); // which checks them
        inheritUpdaterAlone(layer);
    }

    /** Rank, scaling, dropout and start of the adapter. */
    public AdapterSpec adapter() {
        return adapter;
    }

    @Override
    public List<WeightAdapter> adapters() {
        return List.of(new WeightAdapter(
                AdaptedWeight.single(adapter.target(), DefaultParamInitializer.WEIGHT_KEY), adapter, rows, columns));
    }

    @Override
    public LoraLayer withoutDropout() {
        return new LoraLayer(getLayer(), base().hex(), isInputFrozen(), adapter.withoutDropout(), rows, columns);
    }

    @Override
    public int rank() {
        return adapter.rank();
    }

    @Override
    public double scaling() {
        return adapter.scaling();
    }

    @Override
    public long rows() {
        return rows;
    }

    @Override
    public long columns() {
        return columns;
    }

    @Override
    public double dropout() {
        return adapter.dropout();
    }

    /** What the kind of the layer underneath computes with on the base's weights: A and B follow as its parameters. */
    @Override
    protected org.deeplearning4j.nn.api.Layer create(NeuralNetConfiguration conf, DataType type) {
        WeightMatrix weight = LayerKinds.weight(getLayer())
                .orElseThrow(() -> new IllegalStateException("layer '" + getLayerName() + "' is "
                        + Article.before(getLayer().getClass().getName())
                        + ", which takes no adapter; kinds of layers are made known with LayerKinds.add"));
        if (weight.rows() != rows || weight.columns() != columns) {
            throw new IllegalStateException("the adapter of layer '" + getLayerName() + "' must be for a weight of "
                    + weight.rows() + " x " + weight.columns() + ", got " + rows + " x " + columns);
        }
        return onBase(LayerKinds.of(getLayer()).orElseThrow(), conf, type);
    }

    @Override
    public ParamInitializer initializer() {
        return FactorInitializer.INSTANCE;
    }

    @Override
    protected List<Object> facts() {
        return Stream.concat(super.facts().stream(), Stream.of(adapter, rows, columns))
                .toList();
    }
}
