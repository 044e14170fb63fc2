/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import org.amend4j.internal.validation.Checks;

/**
 * The criterion: whether a policy is ε-second-order stationary, ‖∇J‖ ≤ ε and λ_max(∇²J) ≤ √(χε). The definition is this library's choice.
 *
 * @param epsilon ε
 * @param chi χ, Lipschitz constant of the Hessian
 * @param cutOff H and what it does
 */
public record Criterion(double epsilon, double chi, CutOff cutOff) {

    public Criterion {
        Checks.positive("epsilon", epsilon);
        Checks.positive("chi", chi);
        Checks.present("the cut-off", cutOff);
    }

    /** √(χε). */
    public double tolerance() {
        return Math.sqrt(chi * epsilon);
    }
}
