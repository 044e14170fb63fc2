/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.effective;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.lora.sequence.ExternalErrors;
import org.amend4j.internal.lora.sequence.ShowingSequences;
import org.amend4j.internal.lora.sequence.WeightRows;
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

    /** The error to give to the layer, from the true one. */
    INDArray error(INDArray epsilon, LayerWorkspaceMgr workspaces);

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

        @Override
        public INDArray error(INDArray epsilon, LayerWorkspaceMgr workspaces) {
            return ExternalErrors.of(layer, epsilon, workspaces);
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
     * A recurrent layer or an attention of ours in training, which forms no weight's gradient; in use it is Deeplearning4j's own.
     *
     * @param biases keys of all
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
        public INDArray error(INDArray epsilon, LayerWorkspaceMgr workspaces) {
            return epsilon;
        }

        @Override
        public void prepare(DataType type, LayerWorkspaceMgr workspaces) {
            // no weight's gradient needs a place
        }

        @Override
        public void gradients(Gradient made, Map<String, INDArray> factors, Map<String, INDArray> into) {
            weights.gradients(
                    new OfRows(sequences.rows(), weights.keys(), sequences.rowsOfBiases(), biases), factors, into);
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
        public Optional<WeightRows> rows(String key) {
            return Optional.empty();
        }
    }

    /**
     * Gradients that nobody has formed.
     *
     * @param rows behind each weight's
     * @param weights keys, in the order of {@code rows}
     * @param ofBiases rows whose sum is each bias'
     * @param biases keys, in the order of {@code ofBiases}
     */
    record OfRows(List<WeightRows> rows, List<String> weights, List<INDArray> ofBiases, List<String> biases)
            implements AdaptedWeights.Formed {

        @Override
        public INDArray weight(String key) {
            return found(key).formed();
        }

        @Override
        public INDArray bias(String key) {
            return ofBiases.get(biases.indexOf(key)).sum(0);
        }

        @Override
        public Optional<WeightRows> rows(String key) {
            return Optional.of(found(key));
        }

        private WeightRows found(String key) {
            return rows.get(weights.indexOf(key));
        }
    }
}
