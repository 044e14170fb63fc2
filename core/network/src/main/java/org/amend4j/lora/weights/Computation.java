/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.weights;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.lora.frozen.SequenceRows;
import org.amend4j.lora.frozen.ShowingSequences;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The layer that computes with adapted weights, and how the gradients of their factors come about. */
sealed interface Computation {

    /** The layer. */
    Layer layer();

    /** The weights it computes with. */
    AdaptedWeights weights();

    /** Whether its forward pass is that of training. */
    boolean training(boolean training);

    /** Makes ready for a backward pass. */
    void prepare(DataType type, LayerWorkspaceMgr workspaces);

    /**
     * Writes the factors' gradients after a backward pass.
     *
     * @param made what the layer made
     */
    void gradients(Gradient made, Map<String, INDArray> factors, Map<String, INDArray> into);

    /** Deeplearning4j's own layer in test mode; its weights' gradients go to scratch memory of the working workspace. */
    record Stock(Layer layer, AdaptedWeights weights) implements Computation {

        @Override
        public boolean training(boolean training) {
            return false;
        }

        /** A vector, as Deeplearning4j's own: bidirectional layers take halves of its first dimension. */
        @Override
        public void prepare(DataType type, LayerWorkspaceMgr workspaces) {
            layer.setBackpropGradientsViewArray(
                    workspaces.create(ArrayType.BP_WORKING_MEM, type, new long[] {weights.count()}, 'c'));
        }

        @Override
        public void gradients(Gradient made, Map<String, INDArray> factors, Map<String, INDArray> into) {
            weights.gradients(made.gradientForVariable(), factors, into);
        }
    }

    /** A recurrent layer of ours in training, which forms no weight's gradient; in use it is Deeplearning4j's own. */
    record Sequences(ShowingSequences sequences, AdaptedWeights weights) implements Computation {

        @Override
        public Layer layer() {
            return sequences.running();
        }

        @Override
        public boolean training(boolean training) {
            return training;
        }

        @Override
        public void prepare(DataType type, LayerWorkspaceMgr workspaces) {
            // no weight's gradient needs a place
        }

        /** The weights of a direction are those for its inputs and for its last outputs, in this order. */
        @Override
        public void gradients(Gradient made, Map<String, INDArray> factors, Map<String, INDArray> into) {
            Map<String, AdaptedWeights.Rows> rows = new LinkedHashMap<>();
            List<String> keys = weights.keys();
            int k = 0;
            for (SequenceRows direction : sequences.rows()) {
                rows.put(keys.get(k++), new AdaptedWeights.Rows(direction.x(), direction.d()));
                rows.put(keys.get(k++), new AdaptedWeights.Rows(direction.h(), direction.d()));
            }
            weights.gradientsOfRows(rows, factors, into);
        }
    }
}
