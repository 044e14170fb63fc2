/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.config;

import org.amend4j.internal.validation.Checks;

/**
 * Settings of EVA (Paischer et al., arXiv 2410.07170), which starts adapters from the principal components of their inputs.
 *
 * @param rho the most that a rank may grow by, as a factor, >= 1 and finite
 * @param threshold cosine at which components count as converged, in (0, 1)
 */
public record EvaConfig(double rho, double threshold) {

    /** @throws IllegalArgumentException if a component breaks its rule */
    public EvaConfig {
        if (!(rho >= 1) || Double.isInfinite(rho)) {
            throw new IllegalArgumentException("rho must be >= 1 and finite, got " + rho);
        }
        Checks.insideUnit("threshold", threshold);
    }

    /** PEFT's: ranks may double, and the threshold is 0.99. */
    public static EvaConfig standard() {
        return new EvaConfig(2, 0.99);
    }
}
