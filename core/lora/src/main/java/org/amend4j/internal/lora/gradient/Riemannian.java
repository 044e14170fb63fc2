/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora.gradient;

import org.amend4j.internal.validation.Checks;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Riemannian preconditioning (Zhang and Pilanci, arXiv 2402.02347): gA ← gA(BBᵀ + λI)⁻¹, gB ← (AᵀA + λI)⁻¹gB. With
 * λ = 0 a gradient step changes A·B alike whichever of its factorisations A·M, M⁻¹·B it starts from; λ > 0 gives that up where
 * factors are small, and keeps the step finite.
 *
 * @param damping λ, >= 0; with 0 both factors need full rank, which a factor that starts at zero does not have
 */
public record Riemannian(double damping) implements FactorPreconditioner {

    /** @throws IllegalArgumentException if the damping is negative or not finite */
    public Riemannian {
        Checks.notNegative("damping", damping);
    }

    /** λ = 1e-2. */
    public static Riemannian standard() {
        return new Riemannian(1e-2);
    }

    @Override
    public void preconditionInPlace(INDArray a, INDArray b, INDArray gradientA, INDArray gradientB, double scaling) {
        Gram.require(a, b, gradientA, gradientB, scaling);
        Gram ofB = new Gram("B", b.transpose(), damping);
        Gram ofA = new Gram("A", a, damping);
        ofB.solveRowsInPlace(gradientA, 1);
        ofA.solveRowsInPlace(gradientB.transpose(), 1);
    }
}
