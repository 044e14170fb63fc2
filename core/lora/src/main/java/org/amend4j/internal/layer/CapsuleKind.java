/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.amend4j.internal.network.ExampleProducts;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.WeightMatrix;
import org.deeplearning4j.nn.conf.inputs.InputType;
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

    /** Each capsule votes by a matrix of its own; every routing weighs the votes, and all but the last compare them with the result. */
    @Override
    public Optional<ExampleProducts> products(CapsuleLayer layer, InputType from, InputType to) {
        long[] shape = Weights.shape(layer, WEIGHT);
        long votes = shape[1] * shape[2];
        return Optional.of(new ExampleProducts(
                ExampleProducts.of(Set.of(WEIGHT), 1).weights(), (2L * layer.getRoutings() - 1) * votes));
    }
}
