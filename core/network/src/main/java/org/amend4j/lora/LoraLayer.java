/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.amend4j.network.HasAdapter;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Configuration of a base layer with a LoRA adapter: {@code y = xW + s·drop(x)AB + b}, where W and b are the base's and
 * only A [rows, rank] and B [rank, columns] are parameters (Hu et al., arXiv 2106.09685, eq. 3).
 *
 * <p>The class name, the property names and the order A, B of the parameters are Deeplearning4j's file format.
 */
public final class LoraLayer extends FrozenBaseLayer implements HasAdapter {

    private static final long serialVersionUID = 1L;

    @JsonProperty
    private final AdapterSpec adapter;

    @JsonProperty
    private final long rows;

    @JsonProperty
    private final long columns;

    /**
     * @param layer the base layer's own configuration
     * @param baseFingerprint fingerprint of the whole base model, hexadecimal
     * @param inputFrozen whether nothing below this layer trains
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
        if (adapter.rank() > Math.min(rows, columns)) {
            throw new IllegalArgumentException("rank must be <= " + Math.min(rows, columns) + ", got " + adapter.rank()
                    + " (target '" + adapter.target() + "')");
        }
        this.rows = rows;
        this.columns = columns;
        if (layer instanceof BaseLayer weighted) {
            setIUpdater(weighted.getIUpdater());
        }
        setRegularization(new ArrayList<>());
        setRegularizationBias(new ArrayList<>());
    }

    /** Rank, scaling, dropout and start of the adapter. */
    public AdapterSpec adapter() {
        return adapter;
    }

    @Override
    public int rank() {
        return adapter.rank();
    }

    @Override
    public double scaling() {
        return adapter.scaling();
    }

    /** Rows of the matricised weight and of A. */
    public long rows() {
        return rows;
    }

    /** Columns of the matricised weight and of B. */
    public long columns() {
        return columns;
    }

    @Override
    public ParamInitializer initializer() {
        return LoraParamInitializer.INSTANCE;
    }

    @Override
    List<Object> facts() {
        return Stream.concat(super.facts().stream(), Stream.of(adapter, rows, columns))
                .toList();
    }
}
