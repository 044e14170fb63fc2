/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.Optional;
import org.amend4j.internal.network.Values.Slice;
import org.amend4j.model.UnsupportedNetworkException;

/**
 * What trains in a product beside its weight, in the parameter vector.
 *
 * @param magnitude DoRA's, only with an adapter
 * @param trueGradient whether the norms under a magnitude are differentiated
 * @param bias stands for the base's
 */
record ProductParts(Optional<LowRank> adapter, Optional<Slice> magnitude, boolean trueGradient, Optional<Values> bias) {

    /** Nothing. */
    static final ProductParts NONE = new ProductParts(Optional.empty(), Optional.empty(), false, Optional.empty());

    /** @throws UnsupportedNetworkException if they are more than operations know */
    static ProductParts of(ProductKeys keys, LayerParameters parameters) {
        if (!keys.isKnownToPlans()) {
            throw UnsupportedNetworkException.vertex(
                    parameters.vertex(),
                    keys.biasOnB().isPresent() ? "has a bias on B" : "has DoRA's magnitudes with dropout");
        }
        return new ProductParts(
                keys.factors()
                        .map(of -> new LowRank(
                                (Slice) parameters.transposed(of.a()),
                                (Slice) parameters.transposed(of.b()),
                                of.rank(),
                                of.scaling(),
                                of.dropout())),
                keys.magnitude().map(key -> (Slice) parameters.inOrder(key)),
                keys.trueGradient(),
                keys.bias().map(parameters::inOrder));
    }
}
