/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

/**
 * The steepest curvature found. J is maximised: a positive eigenvalue of ∇²J at a stationary point makes it a saddle.
 *
 * @param direction v, a unit vector, [dimension of the policy]; its sign is arbitrary
 * @param along vᵀ∇²Jv, on trajectories that v does not depend on: in expectation at most λ_max(∇²J), so a lower estimate
 * @param largestEigenvalue λ_max of the sampled Hessian that v comes from: in expectation at least λ_max(∇²J)
 * @param residual ‖Ĥv - λv‖, measured; some eigenvalue of the sampled Hessian is that near. 0 if all eigenvalues were computed
 * @param upperEstimate of λ_max: a confidence bound where all eigenvalues of the sampled Hessian were computed, see {@link UnseenDirection};
 *     else the largest of largestEigenvalue + residual and the upper end of the interval of {@code along}
 * @param size an upper bound of ‖∇²J‖; infinite if not known
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never written to
public record Curvature(
        double[] direction,
        Measured along,
        double largestEigenvalue,
        double residual,
        double upperEstimate,
        double size) {}
