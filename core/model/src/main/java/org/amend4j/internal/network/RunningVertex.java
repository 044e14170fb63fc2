/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.List;
import java.util.function.Supplier;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A part of a living graph, outside of workspaces. It may overwrite what it is given. */
interface RunningVertex {

    /**
     * The result.
     *
     * @param training whether as in training
     */
    INDArray forward(int examples, boolean training, INDArray... inputs);

    /**
     * The gradients of the inputs of the last forward pass, after which those of the parameters are in the graph's vector.
     *
     * @return null for what stops gradients
     */
    @Nullable
    INDArray[] backward(int examples, INDArray error);

    /** Lets go of what the passes left. */
    void clear();

    /** A layer without what comes before it. */
    record OfLayer(Layer layer) implements RunningVertex {

        @Override
        public INDArray forward(int examples, boolean training, INDArray... inputs) {
            layer.setInputMiniBatchSize(examples);
            return onItsThreads(() -> layer.activate(inputs[0], training, LayerWorkspaceMgr.noWorkspaces()));
        }

        @Override
        public @Nullable INDArray[] backward(int examples, INDArray error) {
            return new INDArray[] {
                onItsThreads(() -> layer.backpropGradient(error, LayerWorkspaceMgr.noWorkspaces()))
                        .getSecond()
            };
        }

        private <T> T onItsThreads(Supplier<T> pass) {
            return OpenMpThreads.isStepwise(layer) ? OpenMpThreads.one(pass) : pass.get();
        }

        @Override
        public void clear() {
            layer.clear();
        }
    }

    /** What comes before a layer. */
    record OfPreProcessor(InputPreProcessor processor) implements RunningVertex {

        @Override
        public INDArray forward(int examples, boolean training, INDArray... inputs) {
            return processor.preProcess(inputs[0], examples, LayerWorkspaceMgr.noWorkspaces());
        }

        @Override
        public @Nullable INDArray[] backward(int examples, INDArray error) {
            return new INDArray[] {processor.backprop(error, examples, LayerWorkspaceMgr.noWorkspaces())};
        }

        @Override
        public void clear() {
            // it keeps nothing
        }
    }

    /**
     * A vertex that is no layer. Some ask the graph how many examples and time steps its inputs have.
     *
     * @param inputs forms of the graph's
     */
    record OfVertex(ComputationGraph graph, GraphVertex vertex, DataType type, List<ArrayForm> inputs)
            implements RunningVertex {

        @Override
        public INDArray forward(int examples, boolean training, INDArray... given) {
            graph.setInputs(inputs.stream()
                    .map(form -> Nd4j.zeros(type, form.shape(examples)))
                    .toArray(INDArray[]::new));
            for (int k = 0; k < given.length; k++) {
                vertex.setInput(k, given[k], LayerWorkspaceMgr.noWorkspaces());
            }
            return vertex.doForward(training, LayerWorkspaceMgr.noWorkspaces());
        }

        @Override
        public @Nullable INDArray[] backward(int examples, INDArray error) {
            vertex.setEpsilon(error);
            return vertex.doBackward(false, LayerWorkspaceMgr.noWorkspaces()).getSecond();
        }

        @Override
        public void clear() {
            vertex.clear();
            graph.clear();
        }
    }
}
