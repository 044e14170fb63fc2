/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

/** A start that needs the weight alone. */
public sealed interface WeightStart extends AdapterStart
        permits EmbeddingStart, OrthogonalStart, Pissa, RandomisedPissa, Olora {

    /**
     * The first factors, of the weight's type: in double, then rounded once. Equal sites give equal bytes on one kind of
     * processor.
     *
     * @throws IllegalArgumentException if the start cannot have the rank, or reads a weight that is not finite
     */
    StartFactors of(StartSite site);
}
