/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

import org.amend4j.internal.validation.Checks;

/**
 * Sums of rewards of a segment: consecutive steps of one episode, of which the first is the episode's step {@code time}. All
 * methods take finite rewards, at least one, and a discount γ in [0, 1].
 */
public final class Returns {

    private Returns() {}

    /** Σ_i γ^(time+i) r_i: what the segment adds to its episode's discounted return. */
    public static double discounted(double[] rewards, double gamma, int time) {
        return gpomdpWeights(rewards, gamma, time)[0];
    }

    /**
     * G_k = Σ_{t>=k} γ^(t-k) r_t, discounted from each step on. As weights of scores they leave out γ^k: see {@link
     * EffectOnGuarantee#DROPPED_DISCOUNT}.
     */
    public static double[] toGo(double[] rewards, double gamma) {
        check(rewards, gamma);
        double[] result = new double[rewards.length];
        double sum = 0;
        for (int k = rewards.length - 1; k >= 0; k--) {
            sum = rewards[k] + gamma * sum;
            result[k] = sum;
        }
        return result;
    }

    /**
     * Weights of the scores in GPOMDP (Baxter and Bartlett 2001), w_k = Σ_{t>=k} γ^t r_t with t counted from the start of the
     * episode: E Σ_k w_k ∇log π(a_k|s_k) = ∇J_H over the H steps of whole episodes. Nothing is added for what lies beyond the
     * segment.
     *
     * @param time t of the first reward, >= 0
     */
    public static double[] gpomdpWeights(double[] rewards, double gamma, int time) {
        Checks.atLeast(0, "the time of a segment", time);
        double[] weights = toGo(rewards, gamma);
        for (int k = 0; k < weights.length; k++) {
            weights[k] *= discount(gamma, time + k);
        }
        return weights;
    }

    /**
     * The same with a baseline, w_k = Σ_{t>=k} γ^t r_t - γ^k b_k. The expectation stays if b_k depends on s_k and other
     * trajectories only.
     *
     * @param baselines b_k, what is expected of {@link #toGo} in s_k; one per reward
     */
    public static double[] gpomdpWeights(double[] rewards, double gamma, int time, double[] baselines) {
        ColumnChecks.count("baselines", baselines.length, rewards.length);
        ColumnChecks.finite("a baseline", baselines);
        double[] weights = gpomdpWeights(rewards, gamma, time);
        for (int k = 0; k < weights.length; k++) {
            weights[k] -= discount(gamma, time + k) * baselines[k];
        }
        return weights;
    }

    // StrictMath: the same bits wherever a segment begins, and on every machine
    private static double discount(double gamma, int time) {
        return StrictMath.pow(gamma, time);
    }

    private static void check(double[] rewards, double gamma) {
        Checks.inUnit("the discount", gamma);
        ColumnChecks.some("a segment", rewards);
        ColumnChecks.finite("a reward", rewards);
    }
}
