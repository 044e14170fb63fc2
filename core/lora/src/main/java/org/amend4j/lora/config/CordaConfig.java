/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.config;

import org.amend4j.internal.validation.Checks;

/**
 * Settings of CorDA (Yang et al., arXiv 2406.05223), which starts adapters from the covariance of their inputs.
 *
 * @param mode which singular values move into the factors
 * @param damping share of the mean of the covariance's diagonal that is added to the diagonal, >= 0; 0 only fits where the covariance
 *     has full rank
 */
public record CordaConfig(Mode mode, double damping) {

    /** Which singular values move into the factors. */
    public enum Mode {
        /** The largest ("instruction-previewed"): what these inputs need is trained. */
        IPM,
        /** The smallest ("knowledge-preserved"): what these inputs need stays in the base. */
        KPM
    }

    /** @throws IllegalArgumentException if a component breaks its rule */
    public CordaConfig {
        Checks.present("mode", mode);
        Checks.notNegative("damping", damping);
    }

    /** With a hundredth of the diagonal's mean as damping. */
    public static CordaConfig of(Mode mode) {
        return new CordaConfig(mode, 0.01);
    }
}
