/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.layer;

import java.util.Map;
import org.amend4j.network.LayerKind;
import org.amend4j.network.WeightMatrix;
import org.deeplearning4j.nn.conf.layers.PrimaryCapsules;

/** A convolution of images whose results are capsules. */
public final class PrimaryCapsulesKind implements LayerKind<PrimaryCapsules> {

    private static final String WEIGHT = "weight";

    @Override
    public Class<PrimaryCapsules> configuration() {
        return PrimaryCapsules.class;
    }

    @Override
    public Map<String, WeightMatrix> weights(PrimaryCapsules layer) {
        long[] shape = Weights.shape(layer, WEIGHT);
        return Weights.of(WEIGHT, WeightMatrix.ofAxes(shape, new int[] {0, 1, 2}, new int[] {3}));
    }
}
