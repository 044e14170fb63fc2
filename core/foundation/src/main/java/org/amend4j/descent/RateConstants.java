/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import org.amend4j.internal.validation.Checks;

/**
 * How fast a rule is guaranteed to reach small gradients, known before it runs. If steps satisfy
 * {@code J_{t+1} <= J_t - c·η_t·g_t²} and {@code η_t >= 1/(a + b·‖V_t‖²)}, then with {@code Δ₀ = J₀ - ℓ*},
 * {@code α = a + 2b·‖V₀‖²} and {@code β = 2b·Δ₀/c} (docs/descent.md, (6) to (9)):
 *
 * <pre>{@code   S_T = Σ_{t<T} η_t >= 2T/(α + √(α² + 2βT)),   min_{t<T} g_t² <= Δ₀/(c·S_T). }</pre>
 *
 * @param c the guaranteed share of the decrease, in (0, 1)
 * @param a {@code >= 0}
 * @param b {@code >= 0}; 0 if there are no adapters
 */
public record RateConstants(double c, double a, double b) {

    /** @throws IllegalArgumentException if a number is out of its range */
    public RateConstants {
        Checks.insideUnit("c", c);
        Checks.notNegative("a", a);
        Checks.notNegative("b", b);
    }

    /**
     * {@code a = λ + max(s·√(2LΔ₀), L if there are directly trained parameters)}, {@code b = s²L} with the largest s: what
     * every rule that is at least as long as the closed form has.
     */
    static RateConstants closedForm(double c, Smoothness smoothness, ProblemShape shape, double delta0) {
        double l = smoothness.lipschitz();
        double s = shape.largestScaling();
        double weights = s * Math.sqrt(2 * l * delta0);
        double a = shape.weightDecay() + (shape.direct() ? Math.max(weights, l) : weights);
        return new RateConstants(c, a, s * s * l);
    }

    /**
     * {@code a = max(1, 4√2·L̂·s·√(2LΔ₀), L if there are directly trained parameters)}, {@code b = 4√2·L̂}, or 0 without
     * adapters; {@code L̂} is {@link StepBounds#muKlabjanConstant}.
     */
    static RateConstants muKlabjan(Smoothness smoothness, ProblemShape shape, double delta0) {
        double l = smoothness.lipschitz();
        double b = shape.adapters() == 0 ? 0 : 4 * Math.sqrt(2) * StepBounds.muKlabjanConstant(l, shape);
        double a = Math.max(1, b * shape.largestScaling() * Math.sqrt(2 * l * delta0));
        return new RateConstants(StepBounds.MU_KLABJAN_C, shape.direct() ? Math.max(a, l) : a, b);
    }

    /** The constants of steps that are shorter by a factor. */
    RateConstants shortened(double factor) {
        return new RateConstants(c, a * factor, b * factor);
    }

    /** {@code α = a + 2b·‖V₀‖²}. */
    public double alpha(double initialAdapterNorm) {
        return a + 2 * b * initialAdapterNorm * initialAdapterNorm;
    }

    /** {@code β = 2b·Δ₀/c}. */
    public double beta(double delta0) {
        return 2 * b * delta0 / c;
    }

    /** {@code S_T >= 2T/(α + √(α² + 2βT))}. */
    public double leastStepSum(long steps, double delta0, double initialAdapterNorm) {
        double alpha = alpha(initialAdapterNorm);
        return 2 * steps / (alpha + Math.sqrt(alpha * alpha + 2 * beta(delta0) * steps));
    }

    /** O(1/√T): {@code min g² <= (Δ₀/2cT)·(α + √(α² + 2βT))}. */
    public double squaredGradientBound(long steps, double delta0, double initialAdapterNorm) {
        return delta0 / (c * leastStepSum(steps, delta0, initialAdapterNorm));
    }

    /** The same, a little larger and in two readable terms: {@code αΔ₀/(cT) + √b·(Δ₀/c)^{3/2}/√T}. */
    public double twoTermBound(long steps, double delta0, double initialAdapterNorm) {
        double share = delta0 / c;
        return alpha(initialAdapterNorm) * share / steps + Math.sqrt(b * share / steps) * share;
    }

    /**
     * O(1/log T), for steps of at most 1: {@code S_T >= ln(1 + βT/α)/β}, since then {@code ‖V_t‖² <= 2‖V₀‖² + 2tΔ₀/c}. It
     * is the argument of Mu and Klabjan with these constants.
     */
    public double logarithmicBound(long steps, double delta0, double initialAdapterNorm) {
        double alpha = alpha(initialAdapterNorm);
        double beta = beta(delta0);
        double grown = beta * steps / alpha;
        double sum = grown == 0 ? steps / alpha : Math.log1p(grown) / beta;
        return delta0 / (c * sum);
    }
}
