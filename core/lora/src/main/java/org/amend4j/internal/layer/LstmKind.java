/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import static org.deeplearning4j.nn.params.LSTMParamInitializer.INPUT_WEIGHT_KEY;
import static org.deeplearning4j.nn.params.LSTMParamInitializer.RECURRENT_WEIGHT_KEY;

import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.lora.sequence.RunningSequences;
import org.amend4j.internal.network.ExampleProducts;
import org.amend4j.internal.network.FrozenSequences;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.WeightMatrix;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Long short-term memory without peepholes. */
public final class LstmKind implements LayerKind<LSTM> {

    @Override
    public Class<LSTM> configuration() {
        return LSTM.class;
    }

    @Override
    public Map<String, WeightMatrix> weights(LSTM layer) {
        return new Weights()
                .gates(INPUT_WEIGHT_KEY, RECURRENT_WEIGHT_KEY, false, layer.getNIn(), layer.getNOut())
                .all();
    }

    @Override
    public Optional<ExampleProducts> products(LSTM layer, InputType from, InputType to) {
        return ExampleProducts.at(from, weights(layer).keySet())
                .map(products -> products.withRecurrent(RECURRENT_WEIGHT_KEY));
    }

    /** Deeplearning4j goes step by step through [features, time] only. */
    @Override
    public boolean isStepwise(LSTM layer) {
        return layer.getRnnDataFormat() != RNNFormat.NWC;
    }

    @Override
    public boolean runsAsFrozenSequence(LSTM layer) {
        return RunningSequences.serves(layer.getActivationFn(), layer.getGateActivationFn());
    }

    @Override
    public Layer frozenSequence(LSTM layer, FrozenSequences sequences, INDArray parameters) {
        return RunningSequences.lstm(layer, layer.getGateActivationFn(), sequences, parameters);
    }
}
