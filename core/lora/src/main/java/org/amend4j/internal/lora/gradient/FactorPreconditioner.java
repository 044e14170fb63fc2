/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.gradient;

import org.nd4j.linalg.api.ndarray.INDArray;

/** Replaces the gradients of an adapter's factors A [nIn, r] and B [r, nOut] before an updater turns them into steps. */
public sealed interface FactorPreconditioner permits FrozenA, Riemannian {

    /** Whether A is trained; if not, its gradient becomes zero, and no updater, penalty or decay may move it either. */
    default boolean trainsA() {
        return true;
    }

    /**
     * Overwrites the gradients. Computed in double and rounded once.
     *
     * @param a A, [nIn, r]; only read
     * @param b B, [r, nOut]; only read
     * @param gradientA [nIn, r], any view
     * @param gradientB [r, nOut], any view
     * @param scaling s, the factor on A·B, > 0 and finite
     * @throws IllegalArgumentException if shapes do not fit
     * @throws ArithmeticException if a system is not positive definite: factors that are not finite, or of lower rank without
     *     damping
     */
    void preconditionInPlace(INDArray a, INDArray b, INDArray gradientA, INDArray gradientB, double scaling);
}
