/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import java.util.List;

/**
 * What is known about a policy's place on the landscape of its return, as numbers and words. J is maximised: a positive
 * eigenvalue of ∇²J at a stationary point makes it a saddle. All numbers are of J_H, the return of the first H steps; see
 * {@link #cutOff}.
 *
 * <p>The definition is this library's choice: ε-second-order stationary if ‖∇J‖ ≤ ε and λ_max(∇²J) ≤ √(χε).
 *
 * @param exact whether nothing was sampled; then standard errors are 0 and intervals points
 * @param verdict what the numbers say
 * @param ofWholeReturn whether that is said of J, up to the bound of the bias, which is then known and at most ε²; else it is of J_H
 *     only
 * @param words the same in a few lines
 * @param reason of an inconclusive verdict; else empty
 * @param assumptions that intervals and verdict rest on where a range is not known, in words; empty if there are none
 * @param error the share of reports, at most, in which any interval or verdict is false, if the assumptions hold; 0 if exact
 * @param epsilon ε
 * @param chi χ, Lipschitz constant of the Hessian
 * @param tolerance √(χε)
 * @param standing scale of returns, entropy, and distance from the best policy
 * @param gradientSquared ‖∇J‖², without the bias of noise: the product of the two batches' means, which may be negative or outside of
 *     the interval; its standard error errs upwards, by up to √2 at a stationary point
 * @param gradientTest of its interval, against ε²
 * @param curvature vᵀ∇²Jv, on trajectories that v does not depend on: in expectation at most λ_max(∇²J), so a lower estimate
 * @param largestEigenvalue λ_max of the sampled Hessian that v comes from: in expectation at least λ_max(∇²J)
 * @param residual ‖Ĥv - λv‖, measured; some eigenvalue of the sampled Hessian is that near. 0 if all eigenvalues were computed
 * @param upperEstimate of λ_max: a confidence bound where all eigenvalues of the sampled Hessian were computed, see
 *     {@link UnseenDirection}; else the largest of largestEigenvalue + residual and the upper end of the curvature's interval
 * @param noise CNC(v), the mean of ⟨v, ĝ_i⟩² of single trajectories, ĝ_i being GPOMDP's estimate without a baseline: what drives stochastic ascent off a saddle
 * @param noNoise whether that is none, √CNC being at most 1e-6·largestEigenvalue up to the end of its interval
 * @param direction v, a unit vector, [dimension of the policy]; its sign means nothing
 * @param deadParameters number of parameters whose policy gradient is 0 whatever is drawn, as far as is known: of policies whose
 *     observations and actions cannot be listed, those of deadComponents
 * @param deadComponents components of adapters, all of whose parameters are among them
 * @param cutOff H and what it does
 * @param trajectories of each of the two batches; 0 if exact. A quarter as many more are for the baseline
 * @param environmentSteps of all of them; 0 if exact
 * @param seed root of all random numbers; 0 if exact
 * @param starts of Lanczos, all from the seed; 0 if all eigenvalues were computed
 * @param lanczosSteps of the start that found v; the dimension if all eigenvalues were computed
 * @param converged whether its residual met its tolerance
 * @param gradientStep h of differences of gradients; 0 if exact
 * @param scoreStep h of differences of log-probabilities; 0 if exact
 * @param precision that the policy computed in
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never written to
public record SecondOrderReport(
        boolean exact,
        SaddleVerdict verdict,
        boolean ofWholeReturn,
        String words,
        String reason,
        List<String> assumptions,
        double error,
        double epsilon,
        double chi,
        double tolerance,
        VerdictContext standing,
        Measured gradientSquared,
        GradientTest gradientTest,
        Measured curvature,
        double largestEigenvalue,
        double residual,
        double upperEstimate,
        Measured noise,
        boolean noNoise,
        double[] direction,
        int deadParameters,
        List<DeadComponent> deadComponents,
        CutOff cutOff,
        int trajectories,
        long environmentSteps,
        long seed,
        int starts,
        int lanczosSteps,
        boolean converged,
        double gradientStep,
        double scoreStep,
        String precision) {}
