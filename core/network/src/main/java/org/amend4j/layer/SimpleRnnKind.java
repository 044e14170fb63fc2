/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.layer;

import org.amend4j.network.LayerKind;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;

/** A layer that reads its own output of the step before. */
public final class SimpleRnnKind implements LayerKind<SimpleRnn> {

    @Override
    public Class<SimpleRnn> configuration() {
        return SimpleRnn.class;
    }

    /** Deeplearning4j goes step by step through [features, time] only. */
    @Override
    public boolean isStepwise(SimpleRnn layer) {
        return layer.getRnnDataFormat() != RNNFormat.NWC;
    }
}
