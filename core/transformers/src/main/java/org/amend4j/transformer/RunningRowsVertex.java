/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.MaskState;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.BaseGraphVertex;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A running vertex on rows without parameters: its results are in C order in workspaces, what is computed in between lives outside. */
@SuppressWarnings("overrides") // Deeplearning4j's own setInputs
abstract class RunningRowsVertex extends BaseGraphVertex {

    private static final long serialVersionUID = 1L;

    RunningRowsVertex(ComputationGraph graph, String name, int index, DataType type) {
        super(graph, name, index, null, null, type);
    }

    /** Computes the result, an array of {@link #result}. */
    abstract INDArray forward(boolean training, LayerWorkspaceMgr workspaces);

    /** Computes the derivatives at the inputs, arrays of {@link #derivative}, from that at the result. */
    abstract INDArray[] backward(INDArray d, LayerWorkspaceMgr workspaces);

    /** An array that lives as long as activations, contents undefined. */
    final INDArray result(LayerWorkspaceMgr workspaces, long... shape) {
        return workspaces.createUninitialized(ArrayType.ACTIVATIONS, dataType, shape, 'c');
    }

    /** An array for the derivative at an input, contents undefined. */
    final INDArray derivative(LayerWorkspaceMgr workspaces, int which) {
        return workspaces.createUninitialized(
                ArrayType.ACTIVATION_GRAD, dataType, input(which).shape(), 'c');
    }

    /** Zeros, for an input that has no derivative. */
    final INDArray noDerivative(LayerWorkspaceMgr workspaces, int which) {
        return derivative(workspaces, which).assign(0);
    }

    final INDArray input(int which) {
        return inputs[which];
    }

    @Override
    public final INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            return forward(training, workspaces);
        }
    }

    @Override
    public final Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            return new Pair<>(null, backward(epsilon, workspaces));
        }
    }

    @Override
    public final boolean hasLayer() {
        return false;
    }

    @Override
    public final @Nullable Layer getLayer() {
        return null;
    }

    @Override
    public final void setBackpropGradientsViewArray(INDArray view) {
        throw new IllegalStateException("vertex '" + getVertexName() + "' has no parameters");
    }

    @Override
    public final @Nullable Pair<INDArray, MaskState> feedForwardMaskArrays(
            INDArray[] masks, MaskState state, int minibatchSize) {
        return null;
    }

    @Override
    public final String toString() {
        return getClass().getSimpleName() + " '" + getVertexName() + "'";
    }
}
