/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import java.util.Objects;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Upward;

/**
 * A step of gradient descent, {@code θ ← Π[(1 - ηλ)·θ - (η/B)·Σ_{r in S} g_r(θ)]}, apart from its set of records S. Π is
 * the projection on a fixed convex set, or nothing.
 *
 * @param stepSize η, > 0
 * @param weightDecay λ, >= 0
 * @param normaliser B
 */
public record StepMap(double stepSize, double weightDecay, Normaliser normaliser) {

    /** @throws IllegalArgumentException if a number is out of its range */
    public StepMap {
        Checks.positive("the step size", stepSize);
        Checks.notNegative("the weight decay", weightDecay);
        Objects.requireNonNull(normaliser, "normaliser");
    }

    /**
     * How far apart two points can be after a step, the first point's on k + c records and the second's on k of them:
     *
     * <pre>  min{ ρ·x + η·d,  |1 - ηλ|·x + η·cap,  diameter } </pre>
     *
     * (docs/unlearning.md, (1)), rounded up. Increases in x, and in c for the same k.
     *
     * @param bounds the records' constants
     * @param retained k, >= 0
     * @param deleted c, >= 0
     * @param distance x, how far apart they were before, >= 0
     * @throws IllegalArgumentException if a number is out of its range, or the step is too long for the curvature
     */
    public StepBound bound(LossBounds bounds, int retained, int deleted, double distance) {
        Checks.atLeast(0, "the number of retained records", retained);
        Checks.atLeast(0, "the number of deleted records", deleted);
        Checks.notNegativeOrInfinite("the distance", distance);
        double rho = expansion(bounds, retained);
        double g = bounds.gradientBound().value();
        if (distance == 0 && deleted == 0) {
            return StepBound.SAME;
        }
        double disturbed = Upward.multiply(stepSize, normaliser.disturbance(g, retained, deleted));
        double recursion = distance == 0 ? disturbed : Upward.add(Upward.multiply(rho, distance), disturbed);
        double decayed = Upward.multiply(Upward.distanceToOne(stepSize, weightDecay), distance);
        double cap = Upward.add(decayed, Upward.multiply(stepSize, normaliser.cap(g, retained, deleted)));
        double diameter = bounds.diameter().value();
        if (recursion <= cap && recursion <= diameter) {
            return new StepBound(recursion, StepBound.Active.RECURSION);
        }
        return cap <= diameter
                ? new StepBound(cap, StepBound.Active.CAP)
                : new StepBound(diameter, StepBound.Active.DIAMETER);
    }

    /** ρ; refuses a step that is too long for the curvature even where ρ is not needed. */
    private double expansion(LossBounds bounds, int retained) {
        double lipschitz = normaliser.lipschitz(bounds.lipschitz().value(), retained);
        return bounds.curvature().expansion(stepSize, weightDecay, lipschitz);
    }
}
