/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

import java.util.List;

/**
 * An objective with LoRA factors among its parameters: {@code J(V) = ℓ(W₀ + s·A·B, h) + (λ/2)·‖V‖²}. All parameters outside of the adapters
 * (h: heads, biases) are trained directly.
 */
public interface LowRankObjective extends Objective {

    /** The adapters, in the order of {@link #valueAndGradient(double[], double[], double[])}'s norms; they do not overlap. */
    List<AdapterBlock> adapters();

    /** λ, the coefficient of the weight decay {@code (λ/2)·‖V‖²} on every parameter, as {@link RecordObjective}'s; 0 if there is none. */
    double weightDecay();

    /**
     * As {@link #valueAndGradient(double[], double[])}, and for each adapter the norm of the loss's derivative at the
     * adapted weight, which a gradient step on the factors never forms.
     *
     * @param weightGradientNorms overwritten with {@code ‖∂ℓ/∂W‖_F} per adapter, [adapters], never below the true
     *     norm by more than rounding
     */
    double valueAndGradient(double[] theta, double[] gradient, double[] weightGradientNorms);
}
