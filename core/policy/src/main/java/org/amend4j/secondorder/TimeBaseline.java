/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import org.amend4j.rollout.Segment;
import org.amend4j.rollout.TakenSteps;

/**
 * A constant b_t for each time step, subtracted from rewards to take noise out of estimates: with ρ_t the ratio of probabilities of a
 * trajectory's first t + 1 steps, E ρ_t = 1 for all θ, so E γ^t b_t ρ_t has neither a gradient nor a Hessian, <em>if</em> the b_t
 * come from other trajectories than those they are subtracted from, and if steps after the end of an episode count, with
 * reward 0 and the last ratio: leaving them out, b_t would be multiplied by whether the episode lives, which the policy decides.
 *
 * @param perStep b_t, [H]; empty for none. Not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never written to
record TimeBaseline(double[] perStep) {

    /** Rewards as they are. */
    public static final TimeBaseline NONE = new TimeBaseline(new double[0]);

    /**
     * The mean reward of each time step.
     *
     * @param steps whole trajectories, or their first H steps; used for nothing else
     * @param horizon H
     */
    public static TimeBaseline of(TakenSteps steps, int horizon) {
        double[] means = new double[horizon];
        for (Segment segment : steps.segments()) {
            for (int t = 0; t < Math.min(horizon, segment.length()); t++) {
                means[t] +=
                        steps.rewards()[segment.begin() + t] / steps.segments().size();
            }
        }
        return new TimeBaseline(means);
    }

    /** Σ_t γ^t b_t, what was taken off every return. */
    double total(double gamma) {
        return perStep.length == 0 ? 0 : rest(gamma)[0];
    }

    /**
     * r_t - b_t of every row; the last row of an episode that ended also has what was subtracted after it, discounted from there.
     *
     * @throws IllegalArgumentException if a trajectory is longer than H
     */
    double[] gains(TakenSteps steps, double gamma) {
        double[] gains = steps.rewards().clone();
        if (perStep.length == 0) {
            return gains;
        }
        double[] rest = rest(gamma);
        for (Segment segment : steps.segments()) {
            if (segment.length() > perStep.length) {
                throw new IllegalArgumentException("trajectories must have at most as many steps as the baseline, "
                        + perStep.length + ", got " + segment.length());
            }
            for (int t = 0; t < segment.length(); t++) {
                gains[segment.begin() + t] -= perStep[t];
            }
            gains[segment.end() - 1] -= gamma * rest[segment.length()];
        }
        return gains;
    }

    /** Σ_{s≥t} γ^{s-t} b_s, [H + 1]. */
    private double[] rest(double gamma) {
        double[] rest = new double[perStep.length + 1];
        for (int t = perStep.length - 1; t >= 0; t--) {
            rest[t] = perStep[t] + gamma * rest[t + 1];
        }
        return rest;
    }
}
