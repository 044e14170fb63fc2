/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.lora.layer.LoraEmbedding;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerParameters;
import org.amend4j.internal.network.LayerReading;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Shape;
import org.amend4j.internal.network.Table;
import org.amend4j.internal.network.WeightMatrix;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A table whose rows are looked up by number. */
public final class EmbeddingKind implements LayerKind<EmbeddingLayer> {

    @Override
    public Class<EmbeddingLayer> configuration() {
        return EmbeddingLayer.class;
    }

    @Override
    public Optional<WeightMatrix> weight(EmbeddingLayer layer) {
        return Optional.of(WeightMatrix.table(layer.getNIn(), layer.getNOut()));
    }

    @Override
    public Layer onBase(
            EmbeddingLayer layer, NeuralNetConfiguration conf, Map<String, INDArray> weights, DataType type) {
        return LoraEmbedding.of(layer, conf, weights, type);
    }

    /** Without an adapter it is Deeplearning4j's own. */
    @Override
    public boolean runsOnBase(EmbeddingLayer layer) {
        return false;
    }

    @Override
    public int read(LayerReading<EmbeddingLayer> reading) {
        EmbeddingLayer layer = reading.layer();
        if (reading.hasAdapter()) {
            throw reading.unsupported("is an embedding with an adapter");
        }
        if (!reading.readsWords()) {
            throw reading.unsupported("is an embedding of something else than a network input");
        }
        return reading.add(rows(reading, layer, layer.isHasBias()), Shape.features(Math.toIntExact(layer.getNOut())));
    }

    static Operation rows(LayerReading<?> reading, FeedForwardLayer layer, boolean hasBias) {
        LayerParameters parameters = reading.parameters();
        return new Operation.Gather(
                parameters.transposed(DefaultParamInitializer.WEIGHT_KEY),
                Math.toIntExact(layer.getNIn()),
                parameters.vector(DefaultParamInitializer.BIAS_KEY, hasBias),
                reading.activation(layer.getActivationFn()));
    }

    @Override
    public Optional<Table> table(EmbeddingLayer layer) {
        return Optional.of(Table.ofSingles(layer.getNIn()));
    }
}
