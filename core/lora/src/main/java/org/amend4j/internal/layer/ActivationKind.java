/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.lora.layer.FrozenActivation;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerReading;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A function of each element. */
public final class ActivationKind implements LayerKind<ActivationLayer> {

    @Override
    public Class<ActivationLayer> configuration() {
        return ActivationLayer.class;
    }

    @Override
    public int read(LayerReading<ActivationLayer> reading) {
        return reading.activated(reading.layer().getActivationFn(), reading.input());
    }

    @Override
    public boolean runsOnBase(ActivationLayer layer) {
        return true;
    }

    @Override
    public Layer onBase(
            ActivationLayer layer, NeuralNetConfiguration conf, Map<String, INDArray> weights, DataType type) {
        return new FrozenActivation(conf, type);
    }

    @Override
    public boolean isExampleWise() {
        return true;
    }

    @Override
    public boolean isStepwise(ActivationLayer layer) {
        return true;
    }

    @Override
    public Optional<IActivation> activation(ActivationLayer layer) {
        return Optional.ofNullable(layer.getActivationFn());
    }

    @Override
    public boolean overwritesInput() {
        return true;
    }

    @Override
    public boolean runsOnSharedInput() {
        return true;
    }

    @Override
    public Layer onSharedInput(ActivationLayer layer, NeuralNetConfiguration conf, DataType type) {
        return new FrozenActivation(conf, type);
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
