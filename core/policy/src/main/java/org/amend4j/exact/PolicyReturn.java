/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

/** A return and its derivatives with respect to logits, [observation·actions + action], of a softmax policy. */
sealed interface PolicyReturn permits PolicyValues, TruncatedValues {

    /** Σ_t γ^t P(s_t = s) over the steps that count, [state], a copy: not normalised. */
    double[] visits();

    /** J. */
    double expectedReturn();

    /** ∇J. */
    double[] logitGradient(Aliasing aliasing);

    /** ∇²J, symmetric to the last bit. */
    double[][] logitHessian(Aliasing aliasing);
}
