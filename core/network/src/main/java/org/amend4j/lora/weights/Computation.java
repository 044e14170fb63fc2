/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.weights;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
            weights.gradients(new OfAll(made.gradientForVariable(), weights), factors, into);
        }
    }

    /**
     * A recurrent layer of ours in training, which forms no weight's gradient; in use it is Deeplearning4j's own.
     *
     * @param biases keys of all, one of each direction
     */
    record Sequences(ShowingSequences sequences, List<String> biases, AdaptedWeights weights) implements Computation {

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

        @Override
        public void gradients(Gradient made, Map<String, INDArray> factors, Map<String, INDArray> into) {
            weights.gradients(new OfRows(sequences.rows(), weights.keys(), biases), factors, into);
        }
    }

    /** Gradients that a stock layer has formed. */
    record OfAll(Map<String, INDArray> all, AdaptedWeights weights) implements AdaptedWeights.Formed {

        @Override
        public INDArray weight(String key) {
            return weights.matrix(key, bias(key));
        }

        @Override
        public INDArray bias(String key) {
            return Objects.requireNonNull(all.get(key), key);
        }

        @Override
        public Optional<AdaptedWeights.Rows> rows(String key) {
            return Optional.empty();
        }
    }

    /**
     * Gradients that nobody has formed.
     *
     * @param weights keys: of each direction that for its inputs and that for its last outputs
     * @param biases keys, one of each direction
     */
    record OfRows(List<SequenceRows> directions, List<String> weights, List<String> biases)
            implements AdaptedWeights.Formed {

        @Override
        public INDArray weight(String key) {
            return found(key).formed();
        }

        @Override
        public INDArray bias(String key) {
            return directions.get(biases.indexOf(key)).d().sum(0);
        }

        @Override
        public Optional<AdaptedWeights.Rows> rows(String key) {
            return Optional.of(found(key));
        }

        private AdaptedWeights.Rows found(String key) {
            int index = weights.indexOf(key);
            SequenceRows direction = directions.get(index / 2);
            return new AdaptedWeights.Rows(index % 2 == 0 ? direction.x() : direction.h(), direction.d());
        }
    }
}
