/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.gradient;

import org.amend4j.internal.validation.Checks;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * LoRA-FA (Zhang et al., arXiv 2308.03303, with the preconditioner of PEFT): A is frozen, gB ← (1/s²)(AᵀA + λI)⁻¹gB. With gB =
 * s·Aᵀ·G and λ = 0, a gradient step moves s·A·B by the projection of -η·G onto A's columns: the nearest to full training that a
 * frozen A allows.
 *
 * @param damping λ, >= 0; with 0 A needs full rank
 */
public record FrozenA(double damping) implements FactorPreconditioner {

    /** @throws IllegalArgumentException if the damping is negative or not finite */
    public FrozenA {
        Checks.notNegative("damping", damping);
    }

    /** λ = 1e-8. */
    public static FrozenA standard() {
        return new FrozenA(1e-8);
    }

    @Override
    public boolean trainsA() {
        return false;
    }

    @Override
    public void preconditionInPlace(INDArray a, INDArray b, INDArray gradientA, INDArray gradientB, double scaling) {
        Gram.require(a, b, gradientA, gradientB, scaling);
        new Gram("A", a, damping).solveRowsInPlace(gradientB.transpose(), 1 / (scaling * scaling));
        gradientA.assign(0);
    }
}
