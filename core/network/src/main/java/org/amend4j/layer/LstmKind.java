/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.layer;

import org.amend4j.network.LayerKind;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.LSTM;

/** An LSTM layer. */
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
}
