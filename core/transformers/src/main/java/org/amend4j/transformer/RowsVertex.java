/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.memory.LayerMemoryReport;
import org.deeplearning4j.nn.conf.memory.MemoryReport;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Configuration of a vertex on rows that has no parameters. It cannot change. */
abstract class RowsVertex extends GraphVertex {

    private static final long serialVersionUID = 1L;

    /** How many inputs it has. */
    abstract int inputs();

    /** What tells it from others of its class. */
    abstract List<Object> settings();

    abstract RunningRowsVertex running(ComputationGraph graph, String name, int index, DataType type);

    @Override
    public final org.deeplearning4j.nn.graph.vertex.GraphVertex instantiate(
            ComputationGraph graph,
            String name,
            int index,
            @Nullable INDArray parameters,
            boolean initialize,
            DataType type) {
        return running(graph, name, index, type);
    }

    @Override
    public final long numParams(boolean backprop) {
        return 0;
    }

    @Override
    public final int minVertexInputs() {
        return inputs();
    }

    @Override
    public final int maxVertexInputs() {
        return inputs();
    }

    /** Features of its first input. */
    @Override
    public InputType getOutputType(int layerIndex, InputType... types) {
        return types[0];
    }

    /** What it is, for memory reports. */
    @Override
    public final MemoryReport getMemoryReport(InputType... types) {
        InputType output = getOutputType(-1, types);
        return new LayerMemoryReport.Builder(null, getClass(), types[0], output)
                .standardMemory(0, 0)
                .workingMemory(0, 0, 0, output.arrayElementsPerExample())
                .cacheMemory(0, 0)
                .build();
    }

    /** Itself. */
    @Override
    public final RowsVertex clone() {
        return this;
    }

    @Override
    public final boolean equals(@Nullable Object other) {
        return other instanceof RowsVertex that
                && getClass() == that.getClass()
                && settings().equals(that.settings());
    }

    @Override
    public final int hashCode() {
        return Objects.hash(getClass(), settings());
    }

    @Override
    public final String toString() {
        String name = getClass().getSimpleName();
        return settings().isEmpty()
                ? name
                : settings().stream().map(String::valueOf).collect(Collectors.joining(", ", name + "(", ")"));
    }
}
