/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.config;

import org.amend4j.internal.network.HasAdapter;
import org.amend4j.internal.validation.Checks;

/**
 * A weight that an adapter adds to. Where a layer has one such weight, the layer's name means it; where it has several, as a
 * recurrent layer has, each has a name of its own: {@code lstm.W}, {@code lstm.RW}.
 *
 * @param vertex name of the layer, or of a vertex that has weights
 * @param parameter Deeplearning4j's key of the weight there
 * @param single whether no other weight of the vertex takes an adapter
 */
public record AdaptedWeight(String vertex, String parameter, boolean single) {

    /** @throws IllegalArgumentException if a name is empty */
    public AdaptedWeight {
        Checks.name("the vertex of an adapted weight", vertex);
        Checks.name("the parameter of an adapted weight of '" + vertex + "'", parameter);
    }

    /** The only weight of a vertex that takes an adapter. */
    public static AdaptedWeight single(String vertex, String parameter) {
        return new AdaptedWeight(vertex, parameter, true);
    }

    /** The name that targets, patterns and reports use. */
    public String name() {
        return single ? vertex : vertex + "." + parameter;
    }

    /** Key of the factor A among the parameters of the adapted vertex. */
    public String keyOfA() {
        return key(HasAdapter.A);
    }

    /** Key of the factor B. */
    public String keyOfB() {
        return key(HasAdapter.B);
    }

    /** Key of DoRA's magnitude. */
    public String keyOfMagnitude() {
        return key("magnitude");
    }

    /** Key of the bias of B. */
    public String keyOfBiasOnB() {
        return key("biasOfB");
    }

    private String key(String name) {
        return single ? name : parameter + "." + name;
    }
}
