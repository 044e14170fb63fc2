/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.layer;

import java.util.Optional;
import org.amend4j.network.LayerKind;
import org.amend4j.network.Table;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;

/** Rows of a table, one per time step. */
public final class EmbeddingSequenceKind implements LayerKind<EmbeddingSequenceLayer> {

    @Override
    public Class<EmbeddingSequenceLayer> configuration() {
        return EmbeddingSequenceLayer.class;
    }

    @Override
    public Optional<Table> table(EmbeddingSequenceLayer layer) {
        return Optional.of(Table.ofSequences(layer.getNIn(), Math.max(0, layer.getInputLength())));
    }
}
