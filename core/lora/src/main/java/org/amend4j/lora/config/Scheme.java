/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.config;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.internal.validation.Checks;

/**
 * What an adapter has beside the factors A and B.
 *
 * @param dora whether there is a magnitude, and how it trains (PEFT's {@code use_dora})
 * @param bias which biases of the base train too (PEFT's {@code bias})
 * @param biasOnB whether B has a bias (PEFT's {@code lora_bias}), which is added to the layer's times the scaling
 */
public record Scheme(Dora dora, BiasMode bias, boolean biasOnB) {
    /** Nothing: plain LoRA. */
    public static final Scheme PLAIN = new Scheme(Dora.NONE, BiasMode.NONE, false);

    /** @throws IllegalArgumentException if B is to have a bias and DoRA a magnitude */
    public Scheme {
        Checks.present("dora", dora);
        Checks.present("the bias mode", bias);
        if (biasOnB && dora != Dora.NONE) {
            throw new IllegalArgumentException("B must not have a bias together with DoRA: leave one of them out");
        }
    }

    /** This, with DoRA's magnitudes. */
    public Scheme withDora(Dora wanted) {
        return new Scheme(wanted, bias, biasOnB);
    }

    /** This, with these biases of the base trained. */
    public Scheme withBias(BiasMode wanted) {
        return new Scheme(dora, wanted, biasOnB);
    }

    /** This, with or without a bias on B. */
    public Scheme withBiasOnB(boolean wanted) {
        return new Scheme(dora, bias, wanted);
    }

    /** Refuses a start of the factors that the scheme does not go with. */
    void requireStart(AdapterInit init) {
        if (biasOnB && !init.equals(AdapterInit.DEFAULT)) {
            throw new IllegalArgumentException(
                    "B must have a bias only with the default start, got " + init + ": leave one of them out");
        }
    }

    /** Whether an adapter trains its factors and no vector beside them; biases of the base are another matter. */
    public boolean isFactorsAlone() {
        return !hasMagnitude() && !biasOnB;
    }

    /** What there is beside the factors, in words; "plain factors" if there is nothing. */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        if (dora != Dora.NONE) {
            parts.add(dora == Dora.TRUE_GRADIENT ? "DoRA with the true gradient" : "DoRA");
        }
        if (bias != BiasMode.NONE) {
            parts.add(bias == BiasMode.ALL ? "trained biases of all layers" : "trained biases of adapted layers");
        }
        if (biasOnB) {
            parts.add("a bias on B");
        }
        return parts.isEmpty() ? "plain factors" : String.join(", ", parts);
    }

    /** Whether there is a magnitude. */
    public boolean hasMagnitude() {
        return dora != Dora.NONE;
    }
}
