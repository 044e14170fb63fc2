/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

import java.util.Arrays;
import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.internal.validation.Checks;

/**
 * GAE(γ, λ) of Schulman and others (2016): δ_t = r_t + γ V(s'_t) (1 - terminated_t) - V(s_t), A_t = δ_t + γλ A_{t+1} within an
 * episode. s'_t is the state that the step led to, never what a reset returned. A terminated step has no value beyond; a
 * truncated one has, and if a step is both, terminated wins.
 *
 * <p>λ = 1 gives rewards to go (with the value of where the segment was cut) less V; λ = 0 gives δ. With an approximate V the
 * advantages are biased unless λ = 1 and nothing is cut.
 *
 * @param gamma γ in [0, 1]
 * @param lambda λ in [0, 1]
 */
public record GeneralizedAdvantage(double gamma, double lambda) implements Identified {

    /** @throws IllegalArgumentException if a number is out of its range */
    public GeneralizedAdvantage {
        Checks.inUnit("the discount", gamma);
        Checks.inUnit("lambda", lambda);
    }

    @Override
    public Facts facts() {
        return Facts.of("GeneralizedAdvantage").with("gamma", gamma).with("lambda", lambda);
    }

    /**
     * Advantages of steps in their order, whole or partial episodes one after the other.
     *
     * @param rewards r_t
     * @param values V(s_t)
     * @param nextValues V(s'_t), of the true successor; ignored (but finite) where terminated
     * @param terminated the decision process ended with the step
     * @param cut the next row does not continue this one: a time limit, or the end of a segment. The last row is always cut
     * @return A_t, one per row
     * @throws IllegalArgumentException if there are no rows, lengths differ, or a number is not finite
     */
    public double[] advantages(
            double[] rewards, double[] values, double[] nextValues, boolean[] terminated, boolean[] cut) {
        check(rewards, values, nextValues, terminated, cut);
        double[] result = new double[rewards.length];
        double later = 0;
        for (int t = rewards.length - 1; t >= 0; t--) {
            double beyond = terminated[t] ? 0 : nextValues[t];
            double delta = rewards[t] + gamma * beyond - values[t];
            later = delta + (terminated[t] || cut[t] ? 0 : gamma * lambda * later);
            result[t] = later;
        }
        return result;
    }

    /**
     * Advantages of one segment of an episode.
     *
     * @param values V(s_t), one per reward
     * @param successorValue V of the state after the last step; ignored (but finite) if terminated
     * @param terminated the decision process ended with the last step
     */
    public double[] ofSegment(double[] rewards, double[] values, double successorValue, boolean terminated) {
        ColumnChecks.some("a segment", rewards);
        ColumnChecks.count("values", values.length, rewards.length);
        double[] nextValues = Arrays.copyOfRange(values, 1, values.length + 1);
        nextValues[values.length - 1] = successorValue;
        boolean[] ends = new boolean[rewards.length];
        ends[rewards.length - 1] = terminated;
        return advantages(rewards, values, nextValues, ends, new boolean[rewards.length]);
    }

    /** What a critic learns, A_t + V(s_t): the λ-return. */
    public static double[] valueTargets(double[] advantages, double[] values) {
        ColumnChecks.count("values", values.length, advantages.length);
        double[] targets = advantages.clone();
        for (int t = 0; t < targets.length; t++) {
            targets[t] += values[t];
        }
        return targets;
    }

    private static void check(
            double[] rewards, double[] values, double[] nextValues, boolean[] terminated, boolean[] cut) {
        ColumnChecks.some("a batch", rewards);
        ColumnChecks.count("values", values.length, rewards.length);
        ColumnChecks.count("values of successors", nextValues.length, rewards.length);
        ColumnChecks.count("terminated", terminated.length, rewards.length);
        ColumnChecks.count("cut", cut.length, rewards.length);
        ColumnChecks.finite("a reward", rewards);
        ColumnChecks.finite("a value", values);
        ColumnChecks.finite("a successor's value", nextValues);
    }
}
