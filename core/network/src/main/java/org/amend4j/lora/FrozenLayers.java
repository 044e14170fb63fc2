/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.lora.TargetResolver.Candidate;
import org.amend4j.model.BaseModel;
import org.amend4j.model.Configurations;
import org.amend4j.network.LayerKinds;
import org.deeplearning4j.nn.api.layers.RecurrentLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Which running layer serves which of Deeplearning4j's layer configurations. */
final class FrozenLayers {

    private FrozenLayers() {}

    /** What an adapter on this layer would stand on, if its kind can have one. */
    static Optional<Candidate> candidate(String name, Layer layer, boolean networkOutput) {
        return LayerKinds.weight(layer)
                .map(weight ->
                        new Candidate(name, weight.kernel().isEmpty(), networkOutput, weight.rows(), weight.columns()));
    }

    /** Whether a layer on the base's weights is not Deeplearning4j's own. */
    static boolean areOurs(Layer layer) {
        return LayerKinds.of(layer).filter(LayerKinds.Known::runsOnBase).isPresent();
    }

    static org.deeplearning4j.nn.api.Layer create(
            FrozenBaseLayer layer, NeuralNetConfiguration conf, BaseModel base, DataType type) {
        Layer stock = layer.getLayer();
        boolean parameters = stock.initializer().numParams(stock) > 0;
        return LayerKinds.of(stock)
                .filter(LayerKinds.Known::runsOnBase)
                .map(known ->
                        known.onBase(conf, parameters ? base.parameters(layer.getLayerName(), type) : Map.of(), type))
                .orElseGet(() -> stock(layer, conf, base, type));
    }

    private static org.deeplearning4j.nn.api.Layer stock(
            FrozenBaseLayer layer, NeuralNetConfiguration conf, BaseModel base, DataType type) {
        if (layer.getLayer() instanceof BaseOutputLayer) {
            throw new IllegalArgumentException("an output layer of type "
                    + layer.getLayer().getClass().getSimpleName()
                    + " cannot be frozen: train it in full (layer '" + layer.getLayerName() + "')");
        }
        NeuralNetConfiguration inner = Configurations.copy(conf);
        inner.setLayer(layer.getLayer());
        inner.clearVariables();
        INDArray parameters = base.flatParameters(layer.getLayerName(), type);
        Optional<FrozenStock> ours =
                layer.isInputFrozen() ? Optional.empty() : FrozenRecurrences.of(inner, parameters, type);
        if (ours.isPresent()) {
            return ours.get();
        }
        org.deeplearning4j.nn.api.Layer stock = layer.getLayer().instantiate(inner, null, 0, parameters, false, type);
        return stock instanceof RecurrentLayer recurrent
                ? new FrozenRecurrent(recurrent, layer.isInputFrozen())
                : new FrozenStock(stock, layer.isInputFrozen(), overwritesInput(layer.getLayer()));
    }

    private static boolean overwritesInput(Layer layer) {
        return LayerKinds.resembling(layer)
                .filter(known -> known.kind().overwritesInput())
                .isPresent();
    }

    /** A weight as the matrix [rows, columns] an adapter adds to. */
    static INDArray matrix(Layer layer, INDArray weight) {
        return LayerKinds.weight(layer).map(known -> known.matrix(weight)).orElse(weight);
    }

    /** The inverse of {@link #matrix}: a matrix in the shape and memory layout of the base's weight. */
    static INDArray asWeight(Layer layer, INDArray matrix, long[] shape) {
        return LayerKinds.weight(layer)
                .map(known -> known.asWeight(matrix, shape))
                .orElse(matrix);
    }

    static INDArray require(Map<String, INDArray> parameters, String key) {
        return Objects.requireNonNull(parameters.get(key), key);
    }
}
