/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.amend4j.internal.network.ExampleProducts;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.WeightMatrix;
import org.deeplearning4j.nn.conf.inputs.InputType;
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

    /** A row at every place of the convolution, whose channels are what capsules are made of. */
    @Override
    public Optional<ExampleProducts> products(PrimaryCapsules layer, InputType from, InputType to) {
        long channels = Weights.shape(layer, WEIGHT)[3];
        return Optional.of(ExampleProducts.of(Set.of(WEIGHT), to.arrayElementsPerExample() / channels));
    }
}
