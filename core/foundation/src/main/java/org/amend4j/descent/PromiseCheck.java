/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import java.util.List;
import org.amend4j.objective.Precision;

/**
 * Whether a run kept what its rule promised, {@code J_{t+1} <= J_t - c·η_t·g_t²}, up to the rounding of the two values: each
 * may be off by {@code ρ·(|J| + ‖∇J‖·R)} with ρ = 3.6e-15 in double and 1.9e-6 in float, and
 * {@code R_t = ‖θ₀‖ + Σ_{j<t} η_j·g_j >= ‖θ_t‖}. A broken promise refutes the constant L (or the gradient) it rested on.
 *
 * @param promises number of steps with a promise
 * @param broken how many of them did not keep it
 * @param worst the largest amount by which a step missed its promise, beyond rounding; 0 if none is broken
 * @param worstStep that step, -1 if none is broken
 */
public record PromiseCheck(int promises, int broken, double worst, int worstStep) {

    /**
     * Checks all steps of a run.
     *
     * @param records steps 0 to T - 1
     * @param lastGradientNorm ‖∇J(θ_T)‖
     * @param startNorm ‖θ₀‖
     * @param precision of the objective
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
