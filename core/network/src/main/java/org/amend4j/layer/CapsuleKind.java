/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.layer;

import java.util.Map;
import org.amend4j.network.LayerKind;
import org.amend4j.network.WeightMatrix;
import org.deeplearning4j.nn.conf.layers.CapsuleLayer;

/** Capsules that vote for others. */
public final class CapsuleKind implements LayerKind<CapsuleLayer> {

    private static final String WEIGHT = "weight";

    @Override
    public Class<CapsuleLayer> configuration() {
        return CapsuleLayer.class;
    }

    @Override
    public Map<String, WeightMatrix> weights(CapsuleLayer layer) {
        long[] shape = Weights.shape(layer, WEIGHT);
        return Weights.of(WEIGHT, WeightMatrix.ofAxes(shape, new int[] {0, 1, 3, 4}, new int[] {2}));
    }
}
