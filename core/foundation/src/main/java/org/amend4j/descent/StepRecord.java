/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

/**
 * What one step of gradient descent did: {@code θ ← θ - η·∇J(θ)}.
 *
 * @param step its number t, from 0
 * @param loss J(θ_t)
 * @param gradientNorm ‖∇J(θ_t)‖
 * @param adapterNorm ‖V_t‖, Frobenius, over all adapters (0 without adapters)
 * @param stepSize η_t
 * @param promisedDecrease what the rule's inequality promises at least, c·η_t·‖∇J(θ_t)‖²; NaN if it promises nothing
 * @param nextLoss J(θ_{t+1})
 * @param evaluations of the value that the rule needed to find η_t, 0 if none
 */
public record StepRecord(
        int step,
        double loss,
        double gradientNorm,
        double adapterNorm,
        double stepSize,
        double promisedDecrease,
        double nextLoss,
        int evaluations) {

    /** {@code J(θ_t) - J(θ_{t+1})}. */
    public double actualDecrease() {
        return loss - nextLoss;
    }

    /** Whether the rule promised a decrease. */
    public boolean hasPromise() {
        return !Double.isNaN(promisedDecrease);
    }
}
