/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.lora.layer.LoraOutput;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerReading;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.model.TorchLayer;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A dense layer with a loss on every time step. */
public final class RnnOutputKind implements LayerKind<RnnOutputLayer> {

    @Override
    public Class<RnnOutputLayer> configuration() {
        return RnnOutputLayer.class;
    }

    @Override
    public int read(LayerReading<RnnOutputLayer> reading) {
        return reading.denseEnd(reading.layer());
    }

    @Override
    public Optional<RNNFormat> sequenceOrder(RnnOutputLayer layer) {
        return Optional.ofNullable(layer.getRnnDataFormat());
    }

    @Override
    public Optional<WeightMatrix> weight(RnnOutputLayer layer) {
        return Optional.of(WeightMatrix.dense(layer.getNIn(), layer.getNOut()));
    }

    @Override
    public Layer onBase(
            RnnOutputLayer layer, NeuralNetConfiguration conf, Map<String, INDArray> weights, DataType type) {
        return LoraOutput.ofSequences(conf, weights, type, layer.getRnnDataFormat() == RNNFormat.NWC);
    }

    @Override
    public TorchLayer torch(RnnOutputLayer layer) {
        return TorchLayer.DENSE;
    }

    @Override
    public boolean readsSequences() {
        return true;
    }

    @Override
    public boolean readsSteps() {
        return true;
    }
}
