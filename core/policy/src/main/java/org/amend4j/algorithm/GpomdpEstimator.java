/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import org.amend4j.estimator.Returns;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Vectors;
import org.amend4j.policy.Decisions;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.Segment;
import org.amend4j.rollout.TakenSteps;

/**
 * The GPOMDP estimate of ∇J_H, {@code J_H = E Σ_{t<H} γ^t r_t} (Baxter and Bartlett 2001, with discount on absolute time):
 * ĝ = Σ_k w_k ∇log π(a_k|s_k), w_k = Σ_{t>=k} γ^t r_t - γ^k b(s_k), averaged over trajectories. Its expectation is ∇J_H
 * exactly, for every baseline that depends on s_k and on other trajectories only.
 *
 * @param policy evaluated with the parameters it has when asked
 * @param gamma in [0, 1]
 */
public record GpomdpEstimator(Policy policy, double gamma) {

    public GpomdpEstimator {
        if (!(gamma >= 0 && gamma <= 1)) {
            throw new IllegalArgumentException("gamma must be in [0, 1], got " + gamma);
        }
    }

    /**
     * Without a baseline.
     *
     * @param steps steps in segments that are trajectories: they begin at time 0
     * @return [dimension of the policy], the receiver's own
     */
    public double[] gradient(TakenSteps steps) {
        return gradient(steps, new double[steps.rows()]);
    }

    /**
     * With a baseline.
     *
     * @param baselines b(s_k), [rows]
     */
    public double[] gradient(TakenSteps steps, double[] baselines) {
        Vectors.requireLength("baselines", baselines, steps.rows());
        double[] weights = new double[steps.rows()];
        for (Segment segment : steps.segments()) {
            double[] own = weights(steps, segment, baselines);
            for (int i = 0; i < own.length; i++) {
                weights[segment.begin() + i] = own[i] / steps.segments().size();
            }
        }
        return gradient(steps.decisions(), weights);
    }

    /**
     * The estimate from each trajectory alone. Their mean is {@link #gradient(TakenSteps)} except for rounding. Each costs a pass.
     *
     * @return [trajectories][dimension of the policy]
     */
    public double[][] perTrajectory(TakenSteps steps) {
        double[] none = new double[steps.rows()];
        double[][] gradients = new double[steps.segments().size()][];
        for (int i = 0; i < gradients.length; i++) {
            Segment segment = steps.segments().get(i);
            gradients[i] = gradient(alone(steps, segment), weights(steps, segment, none));
        }
        return gradients;
    }

    private double[] gradient(Decisions decisions, double[] weights) {
        return policy.evaluate(decisions).gradient(weights, new double[0], new double[0]);
    }

    private static Decisions alone(TakenSteps steps, Segment segment) {
        return steps.decisions().range(segment.begin(), segment.end(), new int[] {segment.length()});
    }

    private double[] weights(TakenSteps steps, Segment segment, double[] baselines) {
        Checks.inRange(0, 0, "time of a trajectory's first step", segment.time());
        double[] own = CollectedRows.slice(baselines, segment);
        return Returns.gpomdpWeights(CollectedRows.rewards(steps, segment), gamma, segment.time(), own);
    }
}
