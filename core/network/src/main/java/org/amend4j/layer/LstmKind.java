/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.layer;

import org.amend4j.lora.frozen.RunningSequences;
import org.amend4j.network.FrozenSequences;
import org.amend4j.network.LayerKind;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Long short-term memory without peepholes. */
public final class LstmKind implements LayerKind<LSTM> {

    @Override
    public Class<LSTM> configuration() {
        return LSTM.class;
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
