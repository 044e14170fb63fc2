/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.lora.layer.LoraOutput;
import org.amend4j.internal.network.DenseForm;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerReading;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.model.TorchLayer;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A dense layer with a loss. */
public final class OutputKind implements LayerKind<OutputLayer> {

    @Override
    public Class<OutputLayer> configuration() {
        return OutputLayer.class;
    }

    @Override
    public int read(LayerReading<OutputLayer> reading) {
        return reading.denseEnd(reading.layer());
    }

    @Override
    public Optional<DenseForm> denseForm(OutputLayer layer) {
        return Optional.of(DenseForm.stock(
                layer, layer.hasBias(), new DenseForm.Loss(layer.getLossFn(), layer.getActivationFn())));
    }

    @Override
    public Optional<WeightMatrix> weight(OutputLayer layer) {
        return Optional.of(WeightMatrix.dense(layer.getNIn(), layer.getNOut()));
    }

    @Override
    public Layer onBase(OutputLayer layer, NeuralNetConfiguration conf, Map<String, INDArray> weights, DataType type) {
        return new LoraOutput(conf, weights, type);
    }

    @Override
    public TorchLayer torch(OutputLayer layer) {
        return TorchLayer.DENSE;
    }

    @Override
    public boolean isExampleWise() {
        return true;
    }

    @Override
    public boolean readsRows() {
        return true;
    }
}
