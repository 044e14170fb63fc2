/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.layer;

import java.util.Map;
import java.util.Optional;
import org.amend4j.network.LayerKind;
import org.amend4j.network.LayerParameters;
import org.amend4j.network.LayerReading;
import org.amend4j.network.Operation;
import org.amend4j.network.Shape;
import org.amend4j.network.Table;
import org.amend4j.network.WeightMatrix;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;

/** A table whose rows are looked up by number. */
public final class EmbeddingKind implements LayerKind<EmbeddingLayer> {

    @Override
    public Class<EmbeddingLayer> configuration() {
        return EmbeddingLayer.class;
    }

    @Override
    public Map<String, WeightMatrix> weights(EmbeddingLayer layer) {
        return Weights.of(DefaultParamInitializer.WEIGHT_KEY, WeightMatrix.table(layer.getNIn(), layer.getNOut()));
    }

    @Override
    public int read(LayerReading<EmbeddingLayer> reading) {
        EmbeddingLayer layer = reading.layer();
        if (!reading.readsTokens()) {
            throw reading.unsupported("is an embedding of something else than a network input");
        }
        LayerParameters parameters = reading.parameters();
        Operation operation = new Operation.Gather(
                parameters.transposed(DefaultParamInitializer.WEIGHT_KEY),
                Math.toIntExact(layer.getNIn()),
                parameters.vector(DefaultParamInitializer.BIAS_KEY, layer.isHasBias()),
                reading.activation(layer.getActivationFn()));
        return reading.add(operation, Shape.features(Math.toIntExact(layer.getNOut())));
    }

    @Override
    public Optional<Table> table(EmbeddingLayer layer) {
        return Optional.of(Table.ofSingles(layer.getNIn()));
    }
}
