/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.layer;

import java.util.List;
import java.util.Map;
import org.amend4j.network.LayerKind;
import org.amend4j.network.LayerKinds;
import org.amend4j.network.WeightMatrix;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;

/** A layer on rows, applied at every time step. */
public final class TimeDistributedKind implements LayerKind<TimeDistributed> {

    @Override
    public Class<TimeDistributed> configuration() {
        return TimeDistributed.class;
    }

    @Override
    public List<String> biases(TimeDistributed layer) {
        return LayerKinds.biases(layer.getUnderlying());
    }

    @Override
    public Map<String, WeightMatrix> weights(TimeDistributed layer) {
        return LayerKinds.weights(layer.getUnderlying());
    }

    @Override
    public boolean readsSequences() {
        return true;
    }
}
