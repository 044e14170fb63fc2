/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerReading;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Shape;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.model.TorchLayer;
import org.amend4j.transformer.LanguageModelHead;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The end of a language model, a head on rows of tokens. */
public final class LanguageModelHeadKind implements LayerKind<LanguageModelHead> {

    @Override
    public Class<LanguageModelHead> configuration() {
        return LanguageModelHead.class;
    }

    @Override
    public int read(LayerReading<LanguageModelHead> reading) {
        LanguageModelHead layer = reading.layer();
        if (!reading.readsPositions() || reading.from().channels() != layer.getNIn()) {
            throw reading.unsupported("reads " + layer.getNIn() + " numbers at every position, got something else");
        }
        if (!reading.isTrained()) {
            throw reading.unsupported("puts out logits of every position, of which a plan computes the loss alone");
        } else if (reading.output() < 0) {
            throw reading.unsupported("is an output layer inside of the network");
        }
        Operation loss = new Operation.TokenLoss(
                reading.parameters().transposed(LanguageModelHead.WEIGHT),
                reading.parameters().vector(LanguageModelHead.BIAS, layer.isBiased()),
                reading.adapterAlone(),
                Math.toIntExact(layer.getNOut()),
                reading.output());
        return reading.add(loss, Shape.features(1));
    }

    @Override
    public boolean readsTokenRows() {
        return true;
    }

    @Override
    public boolean sharesTables() {
        return true;
    }

    @Override
    public Optional<WeightMatrix> weight(LanguageModelHead layer) {
        return Optional.of(WeightMatrix.dense(layer.getNIn(), layer.getNOut()));
    }

    @Override
    public List<String> biases(LanguageModelHead layer) {
        return layer.isBiased() ? List.of(LanguageModelHead.BIAS) : List.of();
    }

    @Override
    public TorchLayer torch(LanguageModelHead layer) {
        return TorchLayer.DENSE;
    }

    @Override
    public Layer onBase(
            LanguageModelHead layer, NeuralNetConfiguration conf, Map<String, INDArray> weights, DataType type) {
        return new FrozenHead(conf, weights, type);
    }
}
