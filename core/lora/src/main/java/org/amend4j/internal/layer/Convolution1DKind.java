/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.lora.layer.LoraConvolution;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.model.TorchLayer;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A convolution of sequences. */
public final class Convolution1DKind implements LayerKind<Convolution1DLayer> {

    @Override
    public Class<Convolution1DLayer> configuration() {
        return Convolution1DLayer.class;
    }

    @Override
    public Optional<WeightMatrix> weight(Convolution1DLayer layer) {
        return Optional.of(LoraConvolution.kernelOfSequences(layer));
    }

    @Override
    public Layer onBase(
            Convolution1DLayer layer, NeuralNetConfiguration conf, Map<String, INDArray> weights, DataType type) {
        return LoraConvolution.ofSequences(layer, conf, weights, type);
    }

    @Override
    public TorchLayer torch(Convolution1DLayer layer) {
        return TorchLayer.CONV1D;
    }

    @Override
    public boolean readsSequences() {
        return true;
    }

    @Override
    public Optional<RNNFormat> sequenceOrder(Convolution1DLayer layer) {
        return Optional.ofNullable(layer.getRnnDataFormat());
    }
}
