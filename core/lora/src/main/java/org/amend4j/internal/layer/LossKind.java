/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import org.amend4j.internal.lora.layer.SharedInputLayer;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerReading;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.nd4j.linalg.api.buffer.DataType;

/** A loss on the layer's input, without weights. */
public final class LossKind implements LayerKind<LossLayer> {

    @Override
    public Class<LossLayer> configuration() {
        return LossLayer.class;
    }

    @Override
    public int read(LayerReading<LossLayer> reading) {
        return reading.lossEnd(reading.layer().getLossFn(), reading.layer().getActivationFn());
    }

    @Override
    public boolean runsOnSharedInput() {
        return true;
    }

    @Override
    public Layer onSharedInput(LossLayer layer, NeuralNetConfiguration conf, DataType type) {
        return SharedInputLayer.loss(layer, conf, type);
    }
}
