/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.config;

import org.amend4j.internal.validation.Checks;

/**
 * Settings of LoRA-GA (Wang et al., arXiv 2407.05000), which starts adapters from the gradient of their weight. Its factors are multiplied
 * by c.
 *
 * @param scale what c is
 * @param gamma γ of {@link Scale#STABLE}, > 0 and finite
 * @param weighted whether B's rows are multiplied by their singular values
 */
public record LoraGaConfig(Scale scale, double gamma, boolean weighted) {

    /** What the factors are multiplied by. */
    public enum Scale {
        /** {@code nOut^¼/√γ}, so that outputs keep their size whatever nOut is. */
        STABLE,
        /** 1. */
        UNIT,
        /** {@code 1/s}: an unweighted step moves s·A·B as full training would, but for what rank 2r cannot. */
        INVERSE_SCALING
    }

    /** @throws IllegalArgumentException if a component breaks its rule */
    public LoraGaConfig {
        Checks.present("scale", scale);
        Checks.positive("gamma", gamma);
    }

    /** As in the paper: stable with γ = 16, and B's rows orthonormal but for c. */
    public static LoraGaConfig paper() {
        return new LoraGaConfig(Scale.STABLE, 16, false);
    }

    /** As in PEFT: stable with γ = 16, and B's rows times their singular values. */
    public static LoraGaConfig peft() {
        return new LoraGaConfig(Scale.STABLE, 16, true);
    }
}
