/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import java.util.List;
import org.amend4j.evaluation.BoundedMean;
import org.amend4j.rollout.Segment;

/**
 * The policy's mean entropy over the states it visits, weighted by γ^t as the gradient weighs them, as a share of the greatest:
 * E X/E L with X = Σ γ^t h_t and L = Σ γ^t of a trajectory. A step's share h_t is within [0, 1], so that X and L have known ranges,
 * and what hardly any trajectory comes to is accounted for: if none of n saw any entropy, the upper end is about 7/n of the range.
 */
final class EntropyShare {

    private EntropyShare() {}

    /**
     * Of batches of one policy.
     *
     * @param greatest the distribution's greatest entropy
     * @param most greatest h of any state, 1 if that is not known
     * @param horizon H
     * @param error of both ends together
     */
    static Measured of(
            List<FrozenBatch> batches, double greatest, double most, double gamma, int horizon, double error) {
        int count = batches.stream().mapToInt(batch -> batch.segments().size()).sum();
        double[] shares = new double[count];
        double[] lengths = new double[count];
        double longest = discounted(gamma, horizon);
        int at = 0;
        for (FrozenBatch batch : batches) {
            double[] entropies = batch.entropies();
            for (Segment segment : batch.segments()) {
                double sum = 0;
                for (int t = 0; t < segment.length(); t++) {
                    sum += StrictMath.pow(gamma, t) * entropies[segment.begin() + t] / greatest;
                }
                // but for rounding they are within their ranges
                shares[at] = Math.max(0, Math.min(most * longest, sum));
                lengths[at++] = Math.min(longest, discounted(gamma, segment.length()));
            }
        }
        double length = BoundedMean.mean(lengths);
        double mean = BoundedMean.mean(shares) / length;
        double[] residuals = new double[count];
        for (int i = 0; i < count; i++) {
            residuals[i] = shares[i] - mean * lengths[i];
        }
        double each = error / 4;
        double low = BoundedMean.low(shares, 0, most * longest, each) / BoundedMean.high(lengths, 1, longest, each);
        double high = BoundedMean.high(shares, 0, most * longest, each) / BoundedMean.low(lengths, 1, longest, each);
        return new Measured(
                mean,
                Math.sqrt(Measured.variance(residuals, 0) / count) / length,
                Math.min(low, mean),
                Math.max(Math.min(most, high), mean));
    }

    /** {@code Σ_{t<n} γ^t}, added up as the entropies are. */
    private static double discounted(double gamma, int steps) {
        double sum = 0;
        for (int t = 0; t < steps; t++) {
            sum += StrictMath.pow(gamma, t);
        }
        return sum;
    }
}
