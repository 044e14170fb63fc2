/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.lora.layer.LoraConvolution;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerReading;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.model.TorchLayer;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A convolution of images. */
public final class ConvolutionKind implements LayerKind<ConvolutionLayer> {

    @Override
    public Class<ConvolutionLayer> configuration() {
        return ConvolutionLayer.class;
    }

    @Override
    public int read(LayerReading<ConvolutionLayer> reading) {
        return Convolutions.read(reading);
    }

    @Override
    public Optional<Boolean> channelsFirst(ConvolutionLayer layer) {
        return Convolutions.channelsFirst(layer);
    }

    @Override
    public Optional<WeightMatrix> weight(ConvolutionLayer layer) {
        return Optional.of(LoraConvolution.kernel(layer));
    }

    @Override
    public Layer onBase(
            ConvolutionLayer layer, NeuralNetConfiguration conf, Map<String, INDArray> weights, DataType type) {
        return LoraConvolution.ofImages(layer, conf, weights, type);
    }

    @Override
    public TorchLayer torch(ConvolutionLayer layer) {
        return TorchLayer.CONV2D;
    }

    @Override
    public boolean isExampleWise() {
        return true;
    }
}
