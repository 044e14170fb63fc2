/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.machine.GateKernels.Inputs;
import org.amend4j.machine.MatrixView;
import org.amend4j.network.Activation;
import org.amend4j.network.KnownFunction;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
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
    List<Object> settings() {
        return List.of(activation);
    }

    @SuppressWarnings("overrides") // Deeplearning4j's own setInputs
    private static final class Vertex extends RunningRowsVertex {

        private static final long serialVersionUID = 1L;

        private final transient IActivation activation;
        private final transient Optional<Activation> known;

        Vertex(ComputationGraph graph, String name, int index, DataType type, IActivation activation) {
            super(graph, name, index, type);
            this.activation = activation;
            this.known = KnownFunction.of(activation);
        }

        @Override
        INDArray forward(boolean training, LayerWorkspaceMgr workspaces) {
            INDArray y = result(workspaces, input(0).shape());
            if (known.isEmpty()) {
                return y.assign(opened().muli(input(1)));
            }
            try (ArrayKernels kernels = new ArrayKernels(y)) {
                MatrixView a = kernels.rows(input(0));
                MatrixView b = kernels.rows(input(1));
                MatrixView to = kernels.into(y);
                kernels.divide(
                        to,
                        (from, count) -> kernels.get()
                                .gate()
                                .forward(
                                        new Inputs(a.rows(from, count), b.rows(from, count)),
                                        to.rows(from, count),
                                        known.get()));
            }
            return y;
        }

        private INDArray opened() {
            return activation.getActivation(input(0).dup('c'), true);
        }

        @Override
        INDArray[] backward(INDArray d, LayerWorkspaceMgr workspaces) {
            INDArray da = derivative(workspaces, 0);
            INDArray db = derivative(workspaces, 1);
            if (known.isEmpty()) {
                da.assign(
                        activation.backprop(input(0).dup('c'), d.mul(input(1))).getFirst());
                db.assign(opened().muli(d));
                return new INDArray[] {da, db};
            }
            try (ArrayKernels kernels = new ArrayKernels(d)) {
                MatrixView upstream = kernels.rows(d);
                MatrixView a = kernels.rows(input(0));
                MatrixView b = kernels.rows(input(1));
                MatrixView toA = kernels.into(da);
                MatrixView toB = kernels.into(db);
                kernels.divide(
                        upstream,
                        (from, count) -> kernels.get()
                                .gate()
                                .gradient(
                                        upstream.rows(from, count),
                                        new Inputs(a.rows(from, count), b.rows(from, count)),
                                        new Inputs(toA.rows(from, count), toB.rows(from, count)),
                                        known.get()));
            }
            return new INDArray[] {da, db};
        }
    }
}
