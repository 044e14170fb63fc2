/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

/** A configuration with adapters that only its own layer can compute: they add to its weights, or train more than their factors. */
public interface ComputesItself extends StandsOnBase {

    /** Whether it nevertheless computes from rows of the layer's input, without arrays as large as the weight. */
    default boolean worksOnInput() {
        return false;
    }

    /** Whether plans make it of operations of their own; otherwise Deeplearning4j computes it within them. */
    default boolean isKnownToPlans() {
        return worksOnInput()
                && this instanceof TrainsInProduct trains
                && trains.productKeys().isKnownToPlans();
    }
}
