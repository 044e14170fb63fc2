/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.layer;

import org.amend4j.lora.frozen.RunningSequences;
import org.amend4j.network.FrozenSequences;
import org.amend4j.network.LayerKind;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.GravesLSTM;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Long short-term memory with peepholes. */
@SuppressWarnings("deprecation") // old models have it
public final class GravesLstmKind implements LayerKind<GravesLSTM> {

    @Override
    public Class<GravesLSTM> configuration() {
        return GravesLSTM.class;
    }

    @Override
    public boolean runsAsFrozenSequence(GravesLSTM layer) {
        return RunningSequences.serves(layer.getActivationFn(), layer.getGateActivationFn());
    }

    @Override
    public Layer frozenSequence(GravesLSTM layer, FrozenSequences sequences, INDArray parameters) {
        return RunningSequences.lstm(layer, layer.getGateActivationFn(), sequences, parameters);
    }
}
