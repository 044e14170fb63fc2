/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.Objects;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * {@code act(a)∘b} of two inputs of one shape: the middle of a gated feed-forward network, SwiGLU with the activation SiLU (Shazeer,
 * arXiv 2002.05202).
 *
 * <p>Class and field names are part of Deeplearning4j's file format.
 */
public final class Gate extends RowsVertex {

    private static final long serialVersionUID = 1L;

    @JsonProperty
    private final IActivation activation;

    /** A gate that an activation opens. */
    public Gate(@JsonProperty("activation") IActivation activation) {
        this.activation = Objects.requireNonNull(activation, "activation");
    }

    /** What opens the gate. */
    public IActivation activation() {
        return activation;
    }

    @Override
    int inputs() {
        return 2;
    }

    @Override
    RunningRowsVertex running(ComputationGraph graph, String name, int index, DataType type) {
        return new Vertex(graph, name, index, type, activation);
    }

    @Override
    public Gate clone() {
        return new Gate(activation);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Gate that && activation.equals(that.activation);
    }

    @Override
    public int hashCode() {
        return activation.hashCode();
    }

    @Override
    public String toString() {
        return "Gate(" + activation + ")";
    }

    @SuppressWarnings("overrides") // Deeplearning4j's own setInputs
    private static final class Vertex extends RunningRowsVertex {

        private static final long serialVersionUID = 1L;

        private final transient IActivation activation;

        Vertex(ComputationGraph graph, String name, int index, DataType type, IActivation activation) {
            super(graph, name, index, type);
            this.activation = activation;
        }

        @Override
        INDArray forward() {
            return activation.getActivation(input(0).dup('c'), true).muli(input(1));
        }

        @Override
        INDArray[] backward(INDArray d) {
            INDArray opened = activation.getActivation(input(0).dup('c'), true);
            INDArray da =
                    activation.backprop(input(0).dup('c'), d.mul(input(1))).getFirst();
            return new INDArray[] {da, opened.muli(d)};
        }
    }
}
