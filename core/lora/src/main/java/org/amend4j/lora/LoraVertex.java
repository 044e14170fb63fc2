/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.amend4j.internal.lora.CarriesAdapters;
import org.amend4j.internal.lora.effective.AdaptedWeights;
import org.amend4j.internal.lora.effective.VertexFactors;
import org.amend4j.internal.lora.effective.WeightSpaceVertex;
import org.amend4j.internal.model.Configurations;
import org.amend4j.internal.network.ComputesItself;
import org.amend4j.internal.network.LayerWrapper;
import org.amend4j.internal.network.VertexKinds;
import org.amend4j.lora.config.WeightAdapter;
import org.amend4j.model.BaseModel;
import org.amend4j.model.Fingerprint;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Configuration of a vertex of a base that is no layer and some of whose weights have LoRA adapters, as a {@link LoraWeightsLayer} is
 * of a layer.
 *
 * <p>Class and property names are part of Deeplearning4j's file format.
 */
public final class LoraVertex extends GraphVertex
        implements LayerWrapper<GraphVertex>, CarriesAdapters, ComputesItself {

    private static final long serialVersionUID = 1L;

    @JsonProperty
    private final GraphVertex vertex;

    @JsonProperty
    private final LoraWeightsLayer factors;

    /**
     * @param vertex the base vertex's own configuration
     * @param factors the adapters, and how they are trained; what is around them is not used
     */
    public LoraVertex(@JsonProperty("vertex") GraphVertex vertex, @JsonProperty("factors") LoraWeightsLayer factors) {
        this.vertex = Configurations.copy(Objects.requireNonNull(vertex, "vertex"));
        this.factors = Objects.requireNonNull(factors, "factors");
    }

    /** The settings of a vertex's adapters, which are those of a layer that computes nothing. */
    static LoraWeightsLayer factors(String name, Fingerprint base, List<WeightAdapter> adapters) {
        ActivationLayer nothing = new ActivationLayer(Activation.IDENTITY);
        nothing.setLayerName(name);
        return new LoraWeightsLayer(nothing, base.hex(), false, adapters, List.of());
    }

    /** The adapters and how they are trained; penalties are there. */
    public LoraWeightsLayer factors() {
        return factors;
    }

    @Override
    public Fingerprint base() {
        return factors.base();
    }

    @Override
    public List<WeightAdapter> adapters() {
        return factors.adapters();
    }

    @Override
    public GraphVertex inner() {
        return vertex;
    }

    @Override
    public org.deeplearning4j.nn.graph.vertex.GraphVertex instantiate(
            ComputationGraph graph,
            String name,
            int index,
            @Nullable INDArray parameterView,
            boolean initializeParameters,
            DataType networkDataType) {
        BaseModel base = BaseModel.require(base(), name);
        GraphVertex stock = Configurations.copy(vertex);
        stock.setDataType(networkDataType);
        var running = stock.instantiate(
                graph, name, index, base.flatParameters(name, networkDataType).dup(), false, networkDataType);
        AdaptedWeights weights = new AdaptedWeights(
                adapters(),
                List.of(),
                VertexKinds.weights(vertex),
                base.parameters(name, networkDataType),
                running.paramTable(false));
        INDArray view = Objects.requireNonNull(parameterView, "the factors' part of the parameter vector");
        NeuralNetConfiguration conf =
                Configurations.copy(graph.getConfiguration().getDefaultConfiguration());
        conf.setLayer(factors);
        conf.clearVariables();
        Map<String, INDArray> table = factors.initializer().init(conf, view, initializeParameters);
        if (initializeParameters) {
            FactorInitializer.startAtBase(
                    this, VertexKinds.weights(vertex), base.parameters(name, networkDataType), table);
        }
        return new WeightSpaceVertex(
                VertexKinds.onBase(vertex, running, networkDataType).orElse(running),
                weights,
                new VertexFactors(conf, view, table, networkDataType));
    }

    @Override
    public long numParams(boolean backprop) {
        return FactorInitializer.count(this);
    }

    @Override
    public int minVertexInputs() {
        return vertex.minVertexInputs();
    }

    @Override
    public int maxVertexInputs() {
        return vertex.maxVertexInputs();
    }

    @Override
    public InputType getOutputType(int layerIndex, InputType... inputs) {
        return vertex.getOutputType(layerIndex, inputs);
    }

    @Override
    public MemoryReport getMemoryReport(InputType... inputs) {
        return vertex.getMemoryReport(inputs);
    }

    @Override
    public LoraVertex clone() {
        return new LoraVertex(vertex, (LoraWeightsLayer) Configurations.copy(factors));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LoraVertex that && vertex.equals(that.vertex) && factors.equals(that.factors);
    }

    @Override
    public int hashCode() {
        return Objects.hash(vertex, factors);
    }

    @Override
    public String toString() {
        return "LoraVertex(" + vertex + ")";
    }
}
