/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import org.amend4j.internal.lora.layer.SharedInputLayer;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerReading;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.nd4j.linalg.api.buffer.DataType;

/** Dropout, ignored when a network is read. */
public final class DropoutKind implements LayerKind<DropoutLayer> {

    @Override
    public Class<DropoutLayer> configuration() {
        return DropoutLayer.class;
    }

    @Override
    public int read(LayerReading<DropoutLayer> reading) {
        return reading.input();
    }

    @Override
    public boolean isExampleWise() {
        return true;
    }

    @Override
    public boolean runsOnSharedInput() {
        return true;
    }

    @Override
    public Layer onSharedInput(DropoutLayer layer, NeuralNetConfiguration conf, DataType type) {
        return SharedInputLayer.mask(layer, conf, type);
    }

    @Override
    public boolean readsSteps() {
        return true;
    }

    @Override
    public boolean readsTokenRows() {
        return true;
    }
}
