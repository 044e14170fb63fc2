/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.layer;

import java.util.Map;
import java.util.Optional;
import org.amend4j.network.LayerKind;
import org.amend4j.network.Table;
import org.amend4j.network.WeightMatrix;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;

/** Rows of a table, one per time step. */
public final class EmbeddingSequenceKind implements LayerKind<EmbeddingSequenceLayer> {

    @Override
    public Class<EmbeddingSequenceLayer> configuration() {
        return EmbeddingSequenceLayer.class;
    }

    @Override
    public Map<String, WeightMatrix> weights(EmbeddingSequenceLayer layer) {
        return Weights.of(DefaultParamInitializer.WEIGHT_KEY, WeightMatrix.table(layer.getNIn(), layer.getNOut()));
    }

    @Override
    public Optional<Table> table(EmbeddingSequenceLayer layer) {
        return Optional.of(Table.ofSequences(layer.getNIn(), Math.max(0, layer.getInputLength())));
    }
}
