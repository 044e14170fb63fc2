/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.exact;

import java.util.stream.DoubleStream;
import org.amend4j.environment.FiniteMdp;
import org.amend4j.internal.validation.Checks;

/**
 * Smoothness of the return of softmax policies, from bounds alone: never underestimated, usually a large overestimate. Derived for
 * this library, in the manner of standard proofs; not taken from a source.
 *
 * <p>With c_t the sum of scores up to t, ∇²J = Σ_t γ^t E[r_t(c_t c_tᵀ + Σ_{k≤t} ∇²log π_k)]. A constant added to all rewards
 * changes nothing, as E[c_t c_tᵀ + Σ∇²log π_k] = 0, so |r| may be replaced by half of the rewards' range R. Scores are
 * martingale differences: E⟨c_t, v⟩² ≤ (t + 1)Λ for unit v. So a term is at most γ^t·R·(t + 1)(Λ + F), and
 *
 * <pre>
 *   ‖∇²J‖ ≤ L = R(Λ + F)/(1 - γ)²
 *   ‖∇²J_H - ∇²J‖ ≤ R(Λ + F)·γ^H/(1 - γ)·(H + 1/(1 - γ))
 * </pre>
 *
 * @param rewardHalfRange R, at least 0; of expected rewards of state and action, and 0 if episodes can end
 * @param scoreBound Λ, bound on λ_max(E[score·scoreᵀ]), at least 0
 * @param curvatureBound F, bound on ‖∇²log π‖ averaged over actions, at least 0
 * @param gamma γ, in (0, 1)
 */
public record ReturnSmoothness(double rewardHalfRange, double scoreBound, double curvatureBound, double gamma) {

    /** More than the roundings of the few operations below. */
    private static final double UPWARDS = 1 + 1e-12;

    public ReturnSmoothness {
        Checks.notNegative("reward half-range", rewardHalfRange);
        Checks.notNegative("score bound", scoreBound);
        Checks.notNegative("curvature bound", curvatureBound);
        Checks.insideUnit("gamma", gamma);
    }

    /**
     * Of a process and a class of policies, valid for all parameters.
     *
     * @throws IllegalArgumentException if γ is out of its range, or the class has no bound for all parameters
     */
    public static ReturnSmoothness of(FiniteMdp mdp, LogitMap map, double gamma) {
        double bound = map.scoreBound()
                .orElseThrow(
                        () -> new IllegalArgumentException("smoothness for all parameters needs scores with a bound,"
                                + " got " + map.getClass().getSimpleName()));
        return new ReturnSmoothness(halfRange(new FiniteProcess(mdp)), bound, bound, gamma);
    }

    private static double halfRange(FiniteProcess process) {
        boolean ends = DoubleStream.of(process.ends()).anyMatch(p -> p > 0);
        double low = DoubleStream.of(process.rewards()).min().orElseThrow();
        double high = DoubleStream.of(process.rewards()).max().orElseThrow();
        return ends ? (Math.max(high, 0) - Math.min(low, 0)) / 2 : (high - low) / 2;
    }

    /** L: the gradient is L-Lipschitz, so ascent with steps of at most 1/L never lowers the return. Rounded upwards. */
    public double lipschitz() {
        return rewardHalfRange * (scoreBound + curvatureBound) / ((1 - gamma) * (1 - gamma)) * UPWARDS;
    }

    /**
     * A bound on ‖∇²J_H - ∇²J‖, rounded upwards.
     *
     * @param horizon H, at least 0
     */
    public double hessianTruncation(int horizon) {
        Checks.atLeast(0, "horizon", horizon);
        double tail = StrictMath.pow(gamma, horizon) / (1 - gamma) * (horizon + 1 / (1 - gamma));
        return rewardHalfRange * (scoreBound + curvatureBound) * tail * UPWARDS;
    }
}
