/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.util.stream.Stream;
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

/** A running vertex on rows without parameters: what is computed in between lives outside of workspaces. */
@SuppressWarnings("overrides") // Deeplearning4j's own setInputs
abstract class RunningRowsVertex extends BaseGraphVertex {

    private static final long serialVersionUID = 1L;

    RunningRowsVertex(ComputationGraph graph, String name, int index, DataType type) {
        super(graph, name, index, null, null, type);
    }

    /** The result. */
    abstract INDArray forward();

    /** The derivatives at the inputs, from that at the result. */
    abstract INDArray[] backward(INDArray d);

    final INDArray input(int which) {
        return inputs[which];
    }

    @Override
    public final INDArray doForward(boolean training, LayerWorkspaceMgr workspaces) {
        INDArray result;
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            result = forward();
        }
        return workspaces.dup(ArrayType.ACTIVATIONS, result, 'c');
    }

    @Override
    public final Pair<Gradient, INDArray[]> doBackward(boolean tbptt, LayerWorkspaceMgr workspaces) {
        INDArray[] gradients;
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            gradients = backward(epsilon);
        }
        INDArray[] results = Stream.of(gradients)
                .map(one -> workspaces.dup(ArrayType.ACTIVATION_GRAD, one, 'c'))
                .toArray(INDArray[]::new);
        return new Pair<>(null, results);
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
