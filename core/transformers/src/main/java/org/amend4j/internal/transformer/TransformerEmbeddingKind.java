/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.transformer;

import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerReading;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Operation.TokenTable;
import org.amend4j.internal.network.Shape;
import org.amend4j.internal.network.Table;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.model.TorchLayer;
import org.amend4j.transformer.TransformerEmbedding;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Rows of tables for words, positions and types of tokens. */
public final class TransformerEmbeddingKind implements LayerKind<TransformerEmbedding> {

    @Override
    public Class<TransformerEmbedding> configuration() {
        return TransformerEmbedding.class;
    }

    @Override
    public int read(LayerReading<TransformerEmbedding> reading) {
        TransformerEmbedding layer = reading.layer();
        if (!reading.readsTokens()) {
            throw reading.unsupported("embeds something else than the graph's tokens");
        }
        Optional<TokenTable> positions = table(
                reading,
                TransformerEmbedding.POSITIONS,
                layer.positionOffset(),
                layer.positions() - layer.positionOffset());
        Operation rows = new Operation.TokenEmbedding(
                table(reading, TransformerEmbedding.WORDS, 0, Math.toIntExact(layer.getNIn()))
                        .orElseThrow(),
                reading.adapterAlone(),
                layer.factor(),
                positions,
                table(reading, TransformerEmbedding.TYPES, 0, layer.types()));
        return reading.add(rows, Shape.features(Math.toIntExact(layer.getNOut())));
    }

    @Override
    public Optional<Table> table(TransformerEmbedding layer) {
        return Optional.of(Table.ofTokens(layer.getNIn()));
    }

    @Override
    public Optional<WeightMatrix> weight(TransformerEmbedding layer) {
        return Optional.of(WeightMatrix.table(layer.getNIn(), layer.getNOut()));
    }

    @Override
    public Layer onBase(
            TransformerEmbedding layer, NeuralNetConfiguration conf, Map<String, INDArray> weights, DataType type) {
        return new FrozenEmbedding(conf, weights, type);
    }

    /** Other tables are modules of their own there. */
    @Override
    public TorchLayer torch(TransformerEmbedding layer) {
        return layer.positions() == 0 && layer.types() == 0 ? TorchLayer.EMBEDDING : TorchLayer.OTHER;
    }

    /** Without an adapter it runs as it is. */
    @Override
    public boolean runsOnBase(TransformerEmbedding layer) {
        return false;
    }

    private static Optional<TokenTable> table(
            LayerReading<TransformerEmbedding> reading, String key, int skipped, int rows) {
        return rows == 0
                ? Optional.empty()
                : Optional.of(new TokenTable(reading.parameters().inOrder(key), skipped, rows));
    }
}
