/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import java.util.List;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Upward;

/**
 * How far gradient descent can move, whatever the data: with at most s records per unit of normaliser,
 *
 * <pre>{@code   ‖θ_{t+1}‖ <= |1 - ηλ|·‖θ_t‖ + η·s·G,   ‖θ_T - θ₀‖ <= min{ Σ η_t·(s·G + λ·r_t), ‖θ₀‖ + max ‖θ_t‖ }, }</pre>
 *
 * and never outside of the balls. Public if its inputs are; rounded up.
 *
 * @param norm a bound of every ‖θ_t‖, > 0
 * @param movement a bound of ‖θ_T - θ₀‖, >= 0
 */
public record Reach(double norm, double movement) {

    /** What computing instead of real numbers may add, relatively: more than any run of 2^40 steps needs. */
    private static final double MARGIN = 1e-3 / 1024;

    /** @throws IllegalArgumentException if a number is out of its range */
    public Reach {
        Checks.positive("the reach of a run", norm);
        Checks.notNegative("the movement of a run", movement);
    }

    /**
     * Of a run.
     *
     * @param startNorm ‖θ₀‖, >= 0
     * @param steps what every step does
     * @param bounds constants of the records
     * @param share s: the largest number of records a step may have, over its normaliser; 1 for a mean
     * @param radius all parameters are kept in a ball of this radius; +∞ if they are not
     */
    public static Reach of(double startNorm, List<StepMap> steps, LossBounds bounds, double share, double radius) {
        Checks.notNegative("the norm of the start", startNorm);
        Checks.positive("the largest share of records in a step", share);
        double pull = Upward.multiply(share, bounds.gradientBound().value());
        double norm = Math.min(startNorm, radius);
        double most = norm;
        double path = 0;
        for (StepMap step : steps) {
            double pushed = Upward.multiply(step.stepSize(), pull);
            path = Upward.add(
                    path,
                    Upward.add(pushed, Upward.multiply(Upward.multiply(step.stepSize(), step.weightDecay()), norm)));
            double decayed = Upward.multiply(Upward.distanceToOne(step.stepSize(), step.weightDecay()), norm);
            norm = Math.min(radius, Upward.add(decayed, pushed));
            most = Math.max(most, norm);
        }
        double reach = Math.max(Double.MIN_NORMAL, Upward.multiply(most, 1 + MARGIN));
        return new Reach(reach, Math.min(path, Upward.add(startNorm, reach)));
    }
}
