/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.Optional;

/**
 * Under which keys a layer has what trains in its product with rows.
 *
 * @param factors of an adapter, if it has one
 * @param magnitude DoRA's, only with factors
 * @param trueGradient whether the norms under a magnitude are differentiated
 * @param bias stands for the base's
 * @param biasOnB only with factors
 */
public record ProductKeys(
        Optional<Factors> factors,
        Optional<String> magnitude,
        boolean trueGradient,
        Optional<String> bias,
        Optional<String> biasOnB) {

    /**
     * Keys of A and B, and what is computed with them.
     *
     * @param rank columns of A
     * @param scaling s
     * @param dropout probability with which an input of A is dropped in training
     */
    public record Factors(String a, String b, int rank, double scaling, double dropout) {}

    /** Whether plans know all of it; otherwise Deeplearning4j computes the layer within a plan. */
    public boolean isKnownToPlans() {
        return biasOnB.isEmpty()
                && (magnitude.isEmpty() || factors.orElseThrow().dropout() == 0);
    }
}
