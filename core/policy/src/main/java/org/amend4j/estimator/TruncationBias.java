/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

import org.amend4j.internal.validation.Checks;

/**
 * How far the gradient of the truncated return {@code J_H = E Σ_{t<H} γ^t r_t} can be from that of J = E Σ_t γ^t r_t, and the same for
 * Hessians. Derived in docs/policy.md; (A) is in Liu and others (2020), (B) in the style of Yuan and others (2022). Every result
 * is rounded up: it is at least the formula's exact value for the doubles given, and at most 4e-15 (relative) above it; where
 * γ^H or the result is below the range of normal doubles, further above. H is the number of steps, t = 0, ..., H-1; for sums up to
 * H inclusive give H + 1.
 */
public final class TruncationBias {

    /**
     * The formulas have at most 12 roundings of 2^-53 each (γ^H of {@link StrictMath} counts as two), and one more for this
     * factor: 6.5 units of 2^-52.
     */
    private static final double OVER = 1 + 8 * 0x1p-52;

    private TruncationBias() {}

    /** (A), by the triangle inequality: {@code ‖∇J_H - ∇J‖ <= G R γ^H/(1-γ) (H + 1/(1-γ))}. */
    public static double triangle(double score, double reward, double gamma, int steps) {
        return up(product(score, reward), tail(gamma, steps) * meanSteps(gamma, steps));
    }

    /** (B), as scores are martingale differences: {@code ‖∇J_H - ∇J‖ <= G R γ^H/(1-γ) √(H + 1/(1-γ))}. */
    public static double martingale(double score, double reward, double gamma, int steps) {
        return up(product(score, reward), tail(gamma, steps) * Math.sqrt(meanSteps(gamma, steps)));
    }

    /**
     * (C), as only the score's second moment enters, and a constant added to all rewards cancels: (B) with √Λ for G and half the
     * range of the rewards for R.
     *
     * @param secondMoment Λ
     * @param halfRange (r_max - r_min)/2, over a range with the 0 of an ended episode if episodes end
     */
    public static double secondMoment(double secondMoment, double halfRange, double gamma, int steps) {
        Checks.notNegativeOrInfinite("the bound of the score's second moment", secondMoment);
        return martingale(Math.sqrt(secondMoment), halfRange, gamma, steps);
    }

    /**
     * {@code ‖∇²J_H - ∇²J‖ <= R (G² + F) γ^H/(1-γ) (H + 1/(1-γ))}. At H = 0, where J_H = 0, it bounds ‖∇²J‖ itself, by
     * R(G² + F)/(1-γ)².
     *
     * @param reward R; half the range of the rewards suffices, as above
     * @param scoreSquared G²; Λ suffices
     * @param curvature F, with {@code ‖∇²log π‖ <= F}
     */
    public static double curvature(double reward, double scoreSquared, double curvature, double gamma, int steps) {
        Checks.notNegativeOrInfinite("the square of the score", scoreSquared);
        Checks.notNegativeOrInfinite("the curvature of log π", curvature);
        return triangle(scoreSquared + curvature, reward, gamma, steps);
    }

    private static double product(double score, double reward) {
        Checks.notNegativeOrInfinite("the bound of the score", score);
        Checks.notNegative("the bound of the reward", reward);
        // nothing to gain, nothing to lose: no bias, however large the scores
        return reward == 0 || score == 0 ? 0 : Math.max(score * reward, Double.MIN_NORMAL);
    }

    /** γ^H/(1-γ) = Σ_{t>=H} γ^t. */
    private static double tail(double gamma, int steps) {
        Checks.insideUnit("the discount", gamma);
        Checks.atLeast(0, "the number of steps", steps);
        // below the normal range errors are no longer relative
        return Math.max(StrictMath.pow(gamma, steps), Double.MIN_NORMAL) / (1 - gamma);
    }

    /** H + 1/(1-γ), the mean of t + 1 over that sum. */
    private static double meanSteps(double gamma, int steps) {
        return steps + 1 / (1 - gamma);
    }

    private static double up(double scale, double series) {
        return scale == 0 ? 0 : Math.max(scale * series, Double.MIN_NORMAL) * OVER;
    }
}
