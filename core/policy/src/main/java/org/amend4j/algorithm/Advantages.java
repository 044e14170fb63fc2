/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import org.amend4j.estimator.ExplainedVariance;
import org.amend4j.estimator.GeneralizedAdvantage;
import org.amend4j.rollout.Segment;
import org.amend4j.rollout.TakenSteps;

/**
 * How much better than the critic expected each step was.
 *
 * @param advantages A_t, [rows]
 * @param values V(s_t) of the policy that collected, [rows]
 * @param targets what V is to become, A_t + V(s_t), [rows]
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never written to
record Advantages(double[] advantages, double[] values, double[] targets) {

    /**
     * By GAE; of segments that did not terminate, value lies beyond.
     *
     * @param values V(s_t), [rows]
     * @param beyond V of the states after the segments, [segments]
     */
    static Advantages of(TakenSteps steps, double[] values, double[] beyond, GeneralizedAdvantage gae) {
        double[] advantages = new double[steps.rows()];
        for (int i = 0; i < beyond.length; i++) {
            Segment s = steps.segments().get(i);
            double[] own = gae.ofSegment(
                    CollectedRows.rewards(steps, s), CollectedRows.slice(values, s), beyond[i], s.terminated());
            System.arraycopy(own, 0, advantages, s.begin(), own.length);
        }
        return new Advantages(advantages, values, GeneralizedAdvantage.valueTargets(advantages, values));
    }

    /** Derivatives of -weight · mean ½(V - target)² with respect to V. */
    static double[] valueWeights(double weight, double[] values, double[] targets) {
        double[] result = new double[values.length];
        for (int row = 0; row < result.length; row++) {
            result[row] = weight * (targets[row] - values[row]) / result.length;
        }
        return result;
    }

    void measure(Algorithm.Learned learned) {
        double loss = 0;
        for (int row = 0; row < values.length; row++) {
            loss += 0.5 * (targets[row] - values[row]) * (targets[row] - values[row]) / values.length;
        }
        learned.with(Metric.VALUE_LOSS, loss);
        ExplainedVariance.of(values, targets).ifPresent(share -> learned.with(Metric.EXPLAINED_VARIANCE, share));
    }
}
