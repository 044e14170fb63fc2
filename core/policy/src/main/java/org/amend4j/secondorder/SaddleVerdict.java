/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

/**
 * The verdict on second-order stationarity of J_H or of J. Verdicts rest on intervals, not on estimates: the share of
 * reports with a false statement is at most their stated error.
 */
public enum SaddleVerdict {
    /** The gradient is at most ε, and along v the curvature is above the tolerance. */
    SADDLE,
    /** The curvature is above the tolerance, and the gradient is above ε: a slope that curves upwards, no saddle. */
    NOT_STATIONARY_CURVED,
    /** The curvature is above the tolerance: not second-order stationary; whether the gradient is small is not decided. */
    CURVED_UPWARDS,
    /** The gradient is above ε: not stationary; no curvature above the tolerance was shown. */
    NOT_STATIONARY,
    /**
     * The gradient is at most ε, and the policy is deterministic but for less than a thousandth of the greatest entropy. Gradient and
     * curvature vanish there, wherever it is, the worst policy included: they say nothing about how good it is.
     */
    SATURATED,
    /** The gradient is at most ε and the Hessian vanishes within rounding: second order says nothing, higher orders decide. */
    DEGENERATE,
    /** The gradient is at most ε, and the curvature is below the tolerance in all directions. */
    SOSP_CONSISTENT,
    /** None of that is certain. */
    INCONCLUSIVE;

    /** Share of the greatest entropy. */
    static final double SATURATION = 1e-3;

    /**
     * What a verdict rests on.
     *
     * @param gradient whether ‖∇J‖ ≤ ε
     * @param lowest lower end of the interval of vᵀ∇²Jv
     * @param highest an upper bound of λ_max(∇²J)
     * @param tolerance √(χε)
     * @param vanishes whether the Hessian is 0 within rounding
     * @param entropyShare an upper bound, of the greatest entropy
     * @param tooFew whether too few trajectories had another return than most
     */
    record Grounds(
            GradientTest gradient,
            double lowest,
            double highest,
            double tolerance,
            boolean vanishes,
            double entropyShare,
            boolean tooFew) {

        SaddleVerdict verdict() {
            if (tooFew) {
                return saturated() ? SATURATED : INCONCLUSIVE;
            }
            if (lowest > tolerance) {
                return switch (gradient) {
                    case SMALL -> SADDLE;
                    case LARGE -> NOT_STATIONARY_CURVED;
                    case UNDECIDED -> CURVED_UPWARDS;
                };
            }
            if (gradient == GradientTest.LARGE) {
                return NOT_STATIONARY;
            }
            return saturated() ? SATURATED : small();
        }

        private boolean saturated() {
            return gradient == GradientTest.SMALL && entropyShare < SATURATION;
        }

        private SaddleVerdict small() {
            if (gradient == GradientTest.SMALL && vanishes) {
                return DEGENERATE;
            }
            return gradient == GradientTest.SMALL && highest < tolerance ? SOSP_CONSISTENT : INCONCLUSIVE;
        }
    }
}
