/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.config;

import org.amend4j.internal.validation.Checks;

/**
 * A bias of the base that trains with an adapter, as a copy. Can be a property of a Deeplearning4j configuration.
 *
 * @param vertex name of the layer that has it
 * @param parameter Deeplearning4j's key of it there, and of the copy
 * @param length its elements, >= 1
 */
public record AdaptedBias(String vertex, String parameter, long length) {

    /** @throws IllegalArgumentException if a component breaks its rule */
    public AdaptedBias {
        Checks.name("the vertex of a bias", vertex);
        Checks.name("the parameter of the bias of '" + vertex + "'", parameter);
        if (length < 1) {
            throw new IllegalArgumentException(
                    "the length of the bias of '" + vertex + "' must be >= 1, got " + length);
        }
    }
}
