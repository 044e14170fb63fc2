/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.model;

import java.util.Objects;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InvalidInputTypeException;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * Configuration of a vertex that keeps every row in a ball: {@code x·min(1, R/‖x‖)}, [batch, n] to [batch, n], rounded so
 * that no row's norm exceeds R. Put below an output layer, it bounds the features of every record by a public number, on
 * which proved constants for unlearning rest. It has no parameters.
 *
 * <p>Class and property names are part of Deeplearning4j's file format.
 */
public final class NormClipVertex extends GraphVertex {

    private static final long serialVersionUID = 1L;

    /** Beyond these the squares of the relevant numbers are not normal floating-point numbers. */
    private static final double SMALLEST = 1e-15;

    private static final double LARGEST = 1e15;

    @JsonProperty
    private final double radius;

    /**
     * @param radius R, in [1e-15, 1e15]; a public number, chosen without looking at the records
     * @throws IllegalArgumentException if the radius is out of its range
     */
    public NormClipVertex(@JsonProperty("radius") double radius) {
        if (!(radius >= SMALLEST && radius <= LARGEST)) {
            throw new IllegalArgumentException("the radius of a norm clip must be in [1e-15, 1e15], got " + radius);
        }
        this.radius = radius;
    }

    /** R, which no row's norm exceeds. */
    public double radius() {
        return radius;
    }

    @Override
    public NormClip instantiate(
            ComputationGraph graph,
            String name,
            int index,
            @Nullable INDArray parameterView,
            boolean initializeParameters,
            DataType networkDataType) {
        return new NormClip(graph, name, index, radius, networkDataType);
    }

    @Override
    public long numParams(boolean backprop) {
        return 0;
    }

    @Override
    public int minVertexInputs() {
        return 1;
    }

    @Override
    public int maxVertexInputs() {
        return 1;
    }

    /** @throws InvalidInputTypeException if the input is not a row of numbers */
    @Override
    public InputType getOutputType(int layerIndex, InputType... inputs) {
        if (inputs.length != 1 || !(inputs[0] instanceof InputType.InputTypeFeedForward)) {
            throw new InvalidInputTypeException("a norm clip must have one feed-forward input");
        }
        return inputs[0];
    }

    @Override
    public MemoryReport getMemoryReport(InputType... inputs) {
        // forward a norm, backward a norm and a product per row
        return new LayerMemoryReport.Builder(null, NormClipVertex.class, inputs[0], inputs[0])
                .standardMemory(0, 0)
                .workingMemory(0, 1, 0, 2)
                .cacheMemory(0, 0)
                .build();
    }

    @Override
    public NormClipVertex clone() {
        return new NormClipVertex(radius);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof NormClipVertex that && radius == that.radius;
    }

    @Override
    public int hashCode() {
        return Objects.hash(radius);
    }

    @Override
    public String toString() {
        return "NormClipVertex(" + radius + ")";
    }
}
