/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import java.util.List;
import org.amend4j.objective.Precision;

/**
 * Whether a run of gradient descent kept what its step rule promised. A promise is about one step, from θ_t to θ_{t+1}: the objective J
 * falls by at least {@code c·η_t·‖∇J(θ_t)‖²}, the step's {@link StepRecord#promisedDecrease}, with the rule's factor c.
 *
 * <p>A step breaks its promise if it falls short by more than rounding explains, so if
 *
 * <pre>{@code   promised - (J(θ_t) - J(θ_{t+1})) > e_t + e_{t+1},   e_t = ρ·(|J(θ_t)| + ‖∇J(θ_t)‖·R_t) }</pre>
 *
 * with ρ = 3.6e-15 in double and 1.9e-6 in float (see {@code Rounding}). {@code R_t = ‖θ₀‖ + Σ_{j<t} η_j·‖∇J(θ_j)‖} is at least ‖θ_t‖, which
 * records do not have. One broken promise is enough to say that the constant L or the gradient that it rested on is wrong. A NaN loss breaks
 * no promise: divergence is noticed elsewhere.
 *
 * @param promises number of steps with a promise, from 0 to the number of steps
 * @param broken how many of them did not keep it, from 0 to {@code promises}
 * @param worst the largest amount, in units of J, by which a step fell short beyond rounding; at least 0, and 0 if none is broken
 * @param worstStep number of that step, from 0; -1 if none is broken
 */
public record PromiseCheck(int promises, int broken, double worst, int worstStep) {

    /**
     * Checks all steps of a run.
     *
     * @param records of steps 0 to T - 1, [T], in their order; T may be 0
     * @param lastGradientNorm ‖∇J(θ_T)‖, at least 0, where the run ended
     * @param startNorm ‖θ₀‖, at least 0, where it began
     * @param precision that J was computed in
     */
    public static PromiseCheck of(
            List<StepRecord> records, double lastGradientNorm, double startNorm, Precision precision) {
        int promises = 0;
        int broken = 0;
        double worst = 0;
        int worstStep = -1;
        double reach = startNorm;
        for (int t = 0; t < records.size(); t++) {
            StepRecord record = records.get(t);
            double rounding = Rounding.ofValue(precision, record.loss(), record.gradientNorm(), reach);
            reach += record.stepSize() * record.gradientNorm();
            double nextNorm = t + 1 < records.size() ? records.get(t + 1).gradientNorm() : lastGradientNorm;
            rounding += Rounding.ofValue(precision, record.nextLoss(), nextNorm, reach);
            if (record.hasPromise()) {
                promises++;
                double missing = record.promisedDecrease() - record.actualDecrease() - rounding;
                if (missing > 0) {
                    broken++;
                    if (missing > worst) {
                        worst = missing;
                        worstStep = record.step();
                    }
                }
            }
        }
        return new PromiseCheck(promises, broken, worst, worstStep);
    }

    /** Whether every promise was kept. */
    public boolean kept() {
        return broken == 0;
    }
}
