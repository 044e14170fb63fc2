/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.Objects;
import org.amend4j.internal.lora.sequence.ExternalErrors;
import org.amend4j.internal.lora.sequence.FrozenStockVertex;
import org.amend4j.internal.model.Configurations;
import org.amend4j.internal.network.LayerWrapper;
import org.amend4j.model.BaseModel;
import org.amend4j.model.Fingerprint;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Configuration of a vertex that is not a layer but whose weights, if it has any, belong to a base model (an attention
 * vertex): the counterpart of {@link FrozenBaseLayer}. It has no parameters of its own; the weights are looked up under the
 * vertex's name when the vertex is built. Vertices without weights are in it where Deeplearning4j's own would do harm: its
 * {@code MergeVertex} and {@code ReshapeVertex} lose properties when a graph is cloned, and this one does not.
 *
 * <p>Class and property names are part of Deeplearning4j's file format.
 */
public final class FrozenBaseVertex extends GraphVertex implements LayerWrapper<GraphVertex> {

    private static final long serialVersionUID = 1L;

    @JsonProperty
    private final GraphVertex vertex;

    @JsonProperty
    private final String baseFingerprint;

    /**
     * @param vertex the base vertex's own configuration
     * @param baseFingerprint fingerprint of the whole base model, hexadecimal
     */
    public FrozenBaseVertex(
            @JsonProperty("vertex") GraphVertex vertex, @JsonProperty("baseFingerprint") String baseFingerprint) {
        this.vertex = Configurations.copy(Objects.requireNonNull(vertex, "vertex"));
        this.baseFingerprint = new Fingerprint(baseFingerprint).hex();
    }

    /** A vertex of a base as it never trains: this, or itself where Deeplearning4j's own does no harm. */
    public static GraphVertex standingOn(Fingerprint base, GraphVertex vertex) {
        boolean ours = vertex.numParams(false) > 0
                || ExternalErrors.concerns(vertex)
                || !Configurations.clonesFaithfully(vertex);
        return ours ? new FrozenBaseVertex(vertex, base.hex()) : vertex;
    }

    /** Fingerprint of the base model this vertex's weights belong to. */
    public Fingerprint base() {
        return new Fingerprint(baseFingerprint);
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
        INDArray weights = base.flatParameters(name, networkDataType);
        GraphVertex stock = Configurations.copy(vertex);
        stock.setDataType(networkDataType);
        return FrozenStockVertex.of(
                vertex, stock.instantiate(graph, name, index, weights, false, networkDataType), networkDataType);
    }

    @Override
    public long numParams(boolean backprop) {
        return 0;
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
    public FrozenBaseVertex clone() {
        return new FrozenBaseVertex(vertex, baseFingerprint);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof FrozenBaseVertex that
                && vertex.equals(that.vertex)
                && baseFingerprint.equals(that.baseFingerprint);
    }

    @Override
    public int hashCode() {
        return Objects.hash(vertex, baseFingerprint);
    }

    @Override
    public String toString() {
        return "FrozenBaseVertex(" + vertex + ")";
    }
}
