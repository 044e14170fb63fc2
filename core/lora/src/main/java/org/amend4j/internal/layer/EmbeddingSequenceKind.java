/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.lora.layer.LoraEmbedding;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerReading;
import org.amend4j.internal.network.Table;
import org.amend4j.internal.network.WeightMatrix;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeRecurrent;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Rows of a table, one per time step. */
public final class EmbeddingSequenceKind implements LayerKind<EmbeddingSequenceLayer> {

    @Override
    public Class<EmbeddingSequenceLayer> configuration() {
        return EmbeddingSequenceLayer.class;
    }

    @Override
    public Optional<WeightMatrix> weight(EmbeddingSequenceLayer layer) {
        return Optional.of(WeightMatrix.table(layer.getNIn(), layer.getNOut()));
    }

    @Override
    public Layer onBase(
            EmbeddingSequenceLayer layer, NeuralNetConfiguration conf, Map<String, INDArray> weights, DataType type) {
        return LoraEmbedding.of(layer, conf, weights, type);
    }

    /** Without an adapter it is Deeplearning4j's own. */
    @Override
    public boolean runsOnBase(EmbeddingSequenceLayer layer) {
        return false;
    }

    @Override
    public boolean readsSteps() {
        return true;
    }

    @Override
    public int read(LayerReading<EmbeddingSequenceLayer> reading) {
        EmbeddingSequenceLayer layer = reading.layer();
        if (reading.hasAdapter()) {
            throw reading.unsupported("is an embedding with an adapter");
        }
        if (!reading.readsWords()) {
            throw reading.unsupported("is an embedding of something else than a network input");
        }
        int steps = reading.from().size();
        if (length(layer) != 0 && length(layer) != steps) {
            throw reading.unsupported("takes " + length(layer) + " words, got " + steps);
        }
        return reading.addSequence(
                EmbeddingKind.rows(reading, layer, layer.isHasBias()), steps, Math.toIntExact(layer.getNOut()));
    }

    @Override
    public Optional<Table> table(EmbeddingSequenceLayer layer) {
        return Optional.of(Table.ofSequences(layer.getNIn(), length(layer)));
    }

    /** Deeplearning4j's layers that take sequences of any length say 1 unless somebody said otherwise. */
    private static int length(EmbeddingSequenceLayer layer) {
        int said = Math.max(0, layer.getInputLength());
        return said == 1 && layer.isInferInputLength() ? 0 : said;
    }

    /** Deeplearning4j takes its sequences to be as long as the layer says, which takes whatever comes. */
    @Override
    public InputType output(EmbeddingSequenceLayer layer, InputType from, InputType inferred) {
        long steps =
                from instanceof InputTypeRecurrent read ? read.getTimeSeriesLength() : from.arrayElementsPerExample();
        return InputType.recurrent(layer.getNOut(), steps, ((InputTypeRecurrent) inferred).getFormat());
    }
}
