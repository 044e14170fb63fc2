/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.config;

import org.amend4j.internal.validation.Checks;

/**
 * One adapter, resolved from a {@link LoraConfig}: everything its layer needs besides the arrays. Can be a property of a
 * Deeplearning4j layer configuration; invalid JSON is refused.
 *
 * @param target name of the adapted layer
 * @param rank rank, >= 1
 * @param alpha numerator of the scaling, > 0 and finite
 * @param scaling factor on A·B, > 0 and finite
 * @param dropout probability in [0, 1) with which an input of A is dropped in training
 * @param init initialisation of A
 */
public record AdapterSpec(String target, int rank, double alpha, double scaling, double dropout, AdapterInit init) {

    /** @throws IllegalArgumentException if a component breaks its rule */
    public AdapterSpec {
        Checks.name("the target of an adapter", target);
        String place = " of target '" + target + "'";
        Checks.atLeast(1, "the rank" + place, rank);
        Checks.positive("the alpha" + place, alpha);
        Checks.positive("the scaling" + place, scaling);
        Checks.belowOne("dropout", dropout);
        Checks.present("the init" + place, init);
    }
}
