/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.config;

import java.util.Objects;
import org.amend4j.internal.validation.Checks;
import org.nd4j.shade.jackson.annotation.JsonInclude;

/**
 * One adapter, resolved from a {@link LoraConfig}: everything its layer needs besides the arrays. Can be a property of a
 * Deeplearning4j layer configuration; invalid JSON is refused. A plain scheme is not written: the JSON of plain adapters, which
 * names the runs of a descent, is that of releases without schemes.
 *
 * @param target name of the adapted layer
 * @param rank rank, >= 1
 * @param alpha numerator of the scaling, > 0 and finite
 * @param scaling factor on A·B, > 0 and finite
 * @param dropout probability in [0, 1) with which an input of A is dropped in training
 * @param init how the factors start
 * @param scheme what there is beside the factors; plain where the JSON of an earlier release says nothing
 */
public record AdapterSpec(
        String target,
        int rank,
        double alpha,
        double scaling,
        double dropout,
        AdapterInit init,

        @JsonInclude(value = JsonInclude.Include.CUSTOM, valueFilter = NotWritten.class)
        Scheme scheme) {

    /** @throws IllegalArgumentException if a component breaks its rule */
    public AdapterSpec {
        Checks.name("the target of an adapter", target);
        String place = " of target '" + target + "'";
        Checks.atLeast(1, "the rank" + place, rank);
        Checks.positive("the alpha" + place, alpha);
        Checks.positive("the scaling" + place, scaling);
        Checks.belowOne("dropout", dropout);
        Checks.present("the init" + place, init);
        scheme = Objects.requireNonNullElse(scheme, Scheme.PLAIN);
        scheme.requireStart(init);
    }

    /** An adapter that is its factors alone. */
    public static AdapterSpec plain(
            String target, int rank, double alpha, double scaling, double dropout, AdapterInit init) {
        return new AdapterSpec(target, rank, alpha, scaling, dropout, init, Scheme.PLAIN);
    }

    /** This, with no input of A dropped. */
    public AdapterSpec withoutDropout() {
        return new AdapterSpec(target, rank, alpha, scaling, 0, init, scheme);
    }

    /** Equal to what the JSON leaves out. */
    static final class NotWritten {
        @Override
        public boolean equals(Object other) {
            return Scheme.PLAIN.equals(other);
        }

        @Override
        public int hashCode() {
            return Scheme.PLAIN.hashCode();
        }
    }
}
