/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.network.HasAdapter;
import org.amend4j.network.LayerKinds;
import org.amend4j.network.WeightMatrix;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
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
                .orElseThrow(() -> new IllegalStateException("layer '" + getLayerName() + "' is a "
                        + getLayer().getClass().getName()
                        + ", which takes no adapter; kinds of layers are made known with LayerKinds.add"));
        if (weight.rows() != rows || weight.columns() != columns) {
            throw new IllegalStateException("the adapter of layer '" + getLayerName() + "' must be for a weight of "
                    + weight.rows() + " x " + weight.columns() + ", got " + rows + " x " + columns);
        }
        return onBase(LayerKinds.of(getLayer()).orElseThrow(), conf, type);
    }

    @Override
    public ParamInitializer initializer() {
        return Initializer.INSTANCE;
    }

    @Override
    protected List<Object> facts() {
        return Stream.concat(super.facts().stream(), Stream.of(adapter, rows, columns))
                .toList();
    }

    /**
     * Cuts an adapter's part of the parameter vector into A and B, both in Fortran order (A's bytes are then those of PEFT's
     * [rank, rows] tensor in C order). The order A, B is the file format.
     */
    private static final class Initializer implements ParamInitializer {

        private static final Initializer INSTANCE = new Initializer();

        private Initializer() {}

        private static Map<String, long[]> shapes(LoraLayer layer) {
            Map<String, long[]> shapes = new LinkedHashMap<>();
            shapes.put(A, new long[] {layer.rows(), layer.adapter().rank()});
            shapes.put(B, new long[] {layer.adapter().rank(), layer.columns()});
            return shapes;
        }

        private static Map<String, INDArray> cut(LoraLayer layer, INDArray view) {
            INDArray flat = view.reshape(new long[] {view.length()});
            Map<String, INDArray> parts = new LinkedHashMap<>();
            long from = 0;
            for (Map.Entry<String, long[]> entry : shapes(layer).entrySet()) {
                long[] shape = entry.getValue();
                long to = from + shape[0] * shape[1];
                parts.put(
                        entry.getKey(),
                        flat.get(NDArrayIndex.interval(from, to)).reshape('f', shape));
                from = to;
            }
            return parts;
        }

        @Override
        public Map<String, INDArray> init(NeuralNetConfiguration conf, INDArray view, boolean initialize) {
            LoraLayer layer = (LoraLayer) conf.getLayer();
            Map<String, INDArray> parameters = cut(layer, view);
            parameters.keySet().forEach(conf::addVariable);
            if (initialize) {
                start(
                        layer,
                        Objects.requireNonNull(parameters.get(A), A),
                        Objects.requireNonNull(parameters.get(B), B));
            }
            return parameters;
        }

        /** PEFT's starts: A uniform in ±1/√rows (Kaiming with a = √5) or normal with standard deviation 1/rank; B zero. */
        private static void start(LoraLayer layer, INDArray a, INDArray b) {
            double bound = 1 / Math.sqrt((double) layer.rows());
            switch (layer.adapter().init()) {
                case DEFAULT ->
                    a.assign(
                            Nd4j.getDistributions().createUniform(-bound, bound).sample(a.shape()));
                case GAUSSIAN ->
                    a.assign(Nd4j.getDistributions()
                            .createNormal(0, 1.0 / layer.adapter().rank())
                            .sample(a.shape()));
            }
            b.assign(0);
        }

        @Override
        public Map<String, INDArray> getGradientsFromFlattened(NeuralNetConfiguration conf, INDArray view) {
            return cut((LoraLayer) conf.getLayer(), view);
        }

        @Override
        public long numParams(NeuralNetConfiguration conf) {
            return numParams(conf.getLayer());
        }

        @Override
        public long numParams(Layer layer) {
            LoraLayer lora = (LoraLayer) layer;
            return lora.adapter().rank() * (lora.rows() + lora.columns());
        }

        @Override
        public List<String> paramKeys(Layer layer) {
            return List.of(A, B);
        }

        @Override
        public List<String> weightKeys(Layer layer) {
            return List.of(A, B);
        }

        @Override
        public List<String> biasKeys(Layer layer) {
            return List.of();
        }

        @Override
        public boolean isWeightParam(Layer layer, String key) {
            return A.equals(key) || B.equals(key);
        }

        @Override
        public boolean isBiasParam(Layer layer, String key) {
            return false;
        }
    }
}
