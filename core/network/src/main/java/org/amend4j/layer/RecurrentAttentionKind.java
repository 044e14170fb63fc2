/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.layer;

import java.util.Map;
import org.amend4j.network.LayerKind;
import org.amend4j.network.WeightMatrix;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;

/** A recurrent layer that attends to its whole input at every step. */
public final class RecurrentAttentionKind implements LayerKind<RecurrentAttentionLayer> {

    @Override
    public Class<RecurrentAttentionLayer> configuration() {
        return RecurrentAttentionLayer.class;
    }

    @Override
    public Map<String, WeightMatrix> weights(RecurrentAttentionLayer layer) {
        return new Weights().attention(layer.getLayerParams().getParamShapes()).all();
    }

    @Override
    public long width(RecurrentAttentionLayer layer) {
        return layer.getNIn();
    }
}
