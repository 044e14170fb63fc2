/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.init;

/** How an adapter's factors start. What a start needs besides the {@link StartSite} is the argument of its own {@code of}. */
public sealed interface AdapterStart permits WeightStart, Eva, Corda, LoraGa {

    /** Whether it moves a part of the weight into the factors, see {@link StartFactors#residual}. */
    default boolean movesWeight() {
        return false;
    }
}
