/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import java.util.Objects;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Upward;

/**
 * Sensitivities of a run with T equal steps on all n records, of which m are deleted afterwards; in
 * closed form (docs/unlearning.md, (2) to (4)), rounded up. Neither the cap nor the diameter enters: see
 * {@link ContaminationLedger} for those and for everything else.
 *
 * <p>With ρ of {@link LossCurvature} and {@code κ = mG/N0} (fixed normaliser) or {@code 2mG/n} (mean)
 *
 * <pre>  Δ(K) = κ·η·Σ_{j=K}^{T-1} ρ^j = κ·η·ρ^K·(ρ^(T-K) - 1)/(ρ - 1). </pre>
 *
 * Rounding: sums and products by {@link Upward}; logarithms and exponentials of Java are within one unit in the last place,
 * and the result is raised by the largest effect of those units.
 *
 * @param bounds constants of the records
 * @param map what all steps do
 * @param records n, >= 1
 * @param deleted m, in [0, n]; less than n if the normaliser is the mean
 * @param steps T, >= 1
 */
public record FullBatch(LossBounds bounds, StepMap map, int records, int deleted, int steps) {

    /** @throws IllegalArgumentException if a number is out of its range, or the step is too long for the curvature */
    public FullBatch {
        Objects.requireNonNull(bounds, "bounds");
        Checks.atLeast(1, "the number of records", records);
        Checks.inRange(0, records, "the number of deleted records", deleted);
        Checks.atLeast(1, "the number of steps", steps);
        if (!bounds.lipschitz().isKnown()) {
            throw new IllegalArgumentException("L must be known for the closed forms, got infinity");
        }
        bounds.curvature().expansion(map.stepSize(), map.weightDecay(), smoothness(bounds, map, records));
        map.normaliser().disturbance(1, records - deleted, deleted);
    }

    /** L, or more where the fixed normaliser is smaller than the number of records. */
    private static double smoothness(LossBounds bounds, StepMap map, int records) {
        double lipschitz = bounds.lipschitz().value();
        return Math.max(lipschitz, map.normaliser().lipschitz(lipschitz, records));
    }

    /**
     * Δ(K) of rewinding K steps and redoing them without the deleted records; 0 for K = T, which is retraining.
     *
     * @param redone K, in [0, T]
     */
    public Sensitivity rewind(int redone) {
        Checks.inRange(0, steps, "the number of redone steps", redone);
        double push = push();
        if (push == 0 || redone == steps) {
            return new Sensitivity.Bounded(0);
        }
        double delta = Upward.multiply(push, powers(redone));
        return delta == Double.POSITIVE_INFINITY
                ? new Sensitivity.Unbounded(Math.log(push) + logPowers(redone))
                : new Sensitivity.Bounded(delta);
    }

    /**
     * The least K with {@code Δ(K) <= wanted}, by bisection: Δ decreases in K, to 0 for K = T.
     *
     * @param wanted >= 0
     */
    public int leastRewind(double wanted) {
        Checks.notNegative("the wanted sensitivity", wanted);
        int tooFew = -1;
        int enough = steps;
        while (enough - tooFew > 1) {
            int middle = tooFew + (enough - tooFew) / 2;
            if (rewind(middle).isAtMost(wanted)) {
                enough = middle;
            } else {
                tooFew = middle;
            }
        }
        return enough;
    }

    /**
     * Δ of descending K further steps from the trained parameters without the deleted records ("descent to delete"):
     * {@code q^K·(κ/λ)(1 - q^T) + q^T·(1 - q^K)·R0} with {@code R0 = ‖θ₀‖ + G/λ}, rounded up.
     *
     * @param further K, >= 0
     * @param initialNorm ‖θ₀‖
     * @throws IllegalStateException unless the curvature is strongly convex
     */
    public double descend(int further, double initialNorm) {
        Checks.atLeast(0, "the number of further steps", further);
        Checks.notNegative("the norm of the initial parameters", initialNorm);
        if (bounds.curvature() != LossCurvature.STRONGLY_CONVEX) {
            throw new IllegalStateException(
                    "descent to delete has a bound for STRONGLY_CONVEX only, got " + bounds.curvature());
        }
        double trained = Upward.multiply(Upward.multiply(push(), powers(0)), power(further));
        double g = bounds.gradientBound().value();
        // a fixed normaliser below the number of records makes a step direction longer than G, as it does with L
        double longest = Math.max(g, map.normaliser().lipschitz(g, records));
        double reach = Upward.add(initialNorm, Upward.divide(longest, map.weightDecay()));
        double y = further * Math.log1p(excess());
        double moved = further == 0 ? 0 : Upward.over(-Math.expm1(y), 2 * Math.min(1, Math.abs(y)) + 8);
        return Upward.add(trained, Upward.multiply(Upward.multiply(power(steps), moved), reach));
    }

    /** κη. */
    private double push() {
        double g = bounds.gradientBound().value();
        return Upward.multiply(map.stepSize(), map.normaliser().disturbance(g, records - deleted, deleted));
    }

    /** ρ - 1. */
    private double excess() {
        return bounds.curvature().excess(map.stepSize(), map.weightDecay(), smoothness(bounds, map, records));
    }

    /** ρ^k. */
    private double power(int k) {
        double x = k == 0 ? 0 : k * Math.log1p(excess());
        return x == 0 ? 1 : Upward.over(Math.exp(x), 2 * finiteSize(x) + 4);
    }

    /** {@code Σ_{j=K}^{T-1} ρ^j}, {@code K < T}; may overflow to +∞. */
    private double powers(int from) {
        double excess = excess();
        int count = steps - from;
        if (excess == 0) {
            return count;
        }
        if (excess == -1) {
            return from == 0 ? 1 : 0;
        }
        double log = Math.log1p(excess);
        double x = from * log;
        double y = count * log;
        // each logarithm, product and exponential is off by a unit, and exp turns units of x into |x| of them
        return Upward.over(Math.exp(x) * (Math.expm1(y) / excess), 2 * (finiteSize(x) + finiteSize(y)) + 8);
    }

    private static double finiteSize(double exponent) {
        return Math.min(Math.abs(exponent), 1000);
    }

    /** The logarithm of {@link #powers} where that overflows, so that ρ > 1. */
    private double logPowers(int from) {
        double excess = excess();
        double log = Math.log1p(excess);
        double y = (steps - from) * log;
        double logExpm1 = y > 40 ? y : Math.log(Math.expm1(y));
        return from * log + logExpm1 - Math.log(excess);
    }
}
