/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.backend.GateKernels.Inputs;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.network.Activation;
import org.amend4j.internal.network.KnownFunction;
import org.amend4j.internal.transformer.ArrayKernels;
import org.amend4j.internal.transformer.Columns;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * {@code act(a)∘b} of two inputs of one shape: the middle of a gated feed-forward network, SwiGLU with the activation SiLU (Shazeer,
 * arXiv 2002.05202). Fused, it reads rows that have a and b one behind the other, in the place of two.
 *
 * <p>Class and field names are part of Deeplearning4j's file format.
 */
public final class Gate extends RowsVertex {

    private static final long serialVersionUID = 1L;

    @JsonProperty
    private final IActivation activation;

    @JsonProperty
    private final boolean fused;

    /** A gate that an activation opens. */
    public Gate(IActivation activation) {
        this(activation, false);
    }

    private Gate(@JsonProperty("activation") IActivation activation, @JsonProperty("fused") boolean fused) {
        this.activation = Objects.requireNonNull(activation, "activation");
        this.fused = fused;
    }

    /** A gate whose only input has what opens it in the first half of its columns, and what passes it in the second. */
    public static Gate fused(IActivation activation) {
        return new Gate(activation, true);
    }

    /** What opens the gate. */
    public IActivation activation() {
        return activation;
    }

    /** Whether it reads columns of one input. */
    public boolean isFused() {
        return fused;
    }

    @Override
    int inputs() {
        return fused ? 1 : 2;
    }

    @Override
    public InputType getOutputType(int layerIndex, InputType... types) {
        return fused ? InputType.feedForward(types[0].arrayElementsPerExample() / 2) : types[0];
    }

    @Override
    RunningRowsVertex running(ComputationGraph graph, String name, int index, DataType type) {
        return new Vertex(graph, name, index, type, activation, fused);
    }

    @Override
    List<Object> settings() {
        return fused ? List.of(activation, "fused") : List.of(activation);
    }

    @SuppressWarnings("overrides") // Deeplearning4j's own setInputs
    private static final class Vertex extends RunningRowsVertex {

        private static final long serialVersionUID = 1L;

        private final transient IActivation activation;
        private final transient boolean fused;
        private final transient Optional<Activation> known;

        Vertex(ComputationGraph graph, String name, int index, DataType type, IActivation activation, boolean fused) {
            super(graph, name, index, type);
            this.activation = activation;
            this.fused = fused;
            this.known = KnownFunction.of(activation);
        }

        /**
         * What opens the gate and what passes it, or their derivatives: arrays of their own, or halves of one.
         *
         * @param opens [rows, width]
         * @param passes [rows, width]
         */
        private record Pair(INDArray opens, INDArray passes) {

            static Pair halves(INDArray together) {
                long width = together.size(1) / 2;
                return new Pair(Columns.of(together, 0, width), Columns.of(together, width, width));
            }

            Inputs rows(ArrayKernels kernels) {
                return new Inputs(kernels.rows(opens), kernels.rows(passes));
            }

            Inputs into(ArrayKernels kernels) {
                return new Inputs(kernels.into(opens), kernels.into(passes));
            }
        }

        private static Inputs some(Inputs of, int from, int count) {
            return new Inputs(of.a().rows(from, count), of.b().rows(from, count));
        }

        private Pair read() {
            if (!fused) {
                return new Pair(input(0), input(1));
            }
            if (input(0).size(1) % 2 != 0) {
                throw new IllegalArgumentException("vertex '" + getVertexName()
                        + "' reads rows that have two halves, got rows of " + input(0).size(1));
            }
            return Pair.halves(input(0));
        }

        @Override
        INDArray forward(boolean training, LayerWorkspaceMgr workspaces) {
            Pair of = read();
            INDArray y = result(workspaces, of.opens().shape());
            if (known.isEmpty()) {
                return y.assign(opened(of).muli(of.passes()));
            }
            try (ArrayKernels kernels = new ArrayKernels(y)) {
                Inputs from = of.rows(kernels);
                MatrixView to = kernels.into(y);
                kernels.divide(
                        to,
                        (first, count) -> kernels.get()
                                .gate()
                                .forward(some(from, first, count), to.rows(first, count), known.get()));
            }
            return y;
        }

        private INDArray opened(Pair of) {
            return activation.getActivation(of.opens().dup('c'), true);
        }

        @Override
        INDArray[] backward(INDArray d, LayerWorkspaceMgr workspaces) {
            INDArray[] derivatives = fused
                    ? new INDArray[] {derivative(workspaces, 0)}
                    : new INDArray[] {derivative(workspaces, 0), derivative(workspaces, 1)};
            write(d, read(), fused ? Pair.halves(derivatives[0]) : new Pair(derivatives[0], derivatives[1]));
            return derivatives;
        }

        private void write(INDArray d, Pair of, Pair derivatives) {
            if (known.isEmpty()) {
                derivatives
                        .opens()
                        .assign(activation
                                .backprop(of.opens().dup('c'), d.mul(of.passes()))
                                .getFirst());
                derivatives.passes().assign(opened(of).muli(d));
                return;
            }
            try (ArrayKernels kernels = new ArrayKernels(d)) {
                MatrixView upstream = kernels.rows(d);
                Inputs from = of.rows(kernels);
                Inputs to = derivatives.into(kernels);
                kernels.divide(
                        upstream,
                        (first, count) -> kernels.get()
                                .gate()
                                .gradient(
                                        upstream.rows(first, count),
                                        some(from, first, count),
                                        some(to, first, count),
                                        known.get()));
            }
        }
    }
}
