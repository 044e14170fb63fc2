/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.estimator;

import java.util.Arrays;
import org.amend4j.internal.validation.Checks;

/**
 * Advantages without a critic: each trajectory's return, or each step's weight, against those of the other trajectories of a
 * batch. A baseline made of <em>other</em> trajectories leaves the expected gradient as it is; one that includes the own
 * trajectory shrinks it. All methods return new arrays.
 */
public final class Baselines {

    private Baselines() {}

    /**
     * A_i = r_i - mean_{j≠i} r_j: the expected gradient stays.
     *
     * @param returns one per trajectory, at least 2, finite
     */
    public static double[] leaveOneOut(double[] returns) {
        Checks.atLeast(2, "the number of trajectories of a leave-one-out baseline", returns.length);
        ColumnChecks.finite("a return", returns);
        double mean = mean(returns);
        double stretch = returns.length / (returns.length - 1.0);
        return Arrays.stream(returns).map(r -> (r - mean) * stretch).toArray();
    }

    /**
     * (x - mean)/(deviation + ε) over a whole batch. The gradient loses its scale, and its expectation changes a little: mean
     * and deviation depend on the batch.
     *
     * @param numbers advantages, at least one (two for {@link Spread#SAMPLE}), finite
     * @param epsilon > 0, usually 1e-8
     */
    public static double[] normalised(double[] numbers, Spread spread, double epsilon) {
        ColumnChecks.some("a batch of advantages", numbers);
        ColumnChecks.finite("an advantage", numbers);
        Checks.positive("epsilon", epsilon);
        double mean = mean(numbers);
        double scale = spread.of(numbers, mean) + epsilon;
        return Arrays.stream(numbers).map(x -> (x - mean) / scale).toArray();
    }

    /**
     * Advantages of GRPO (Shao and others 2024): {@link #normalised} within each group of consecutive returns.
     *
     * @param size of a group; divides the number of returns
     * @param epsilon > 0, usually 1e-4
     */
    public static double[] groupRelative(double[] returns, int size, Spread spread, double epsilon) {
        Checks.atLeast(1, "the size of a group", size);
        if (returns.length == 0 || returns.length % size != 0) {
            throw new IllegalArgumentException(
                    "returns must fill whole groups of " + size + ", got " + returns.length + " returns");
        }
        double[] result = new double[returns.length];
        for (int at = 0; at < returns.length; at += size) {
            double[] group = Arrays.copyOfRange(returns, at, at + size);
            System.arraycopy(normalised(group, spread, epsilon), 0, result, at, size);
        }
        return result;
    }

    /**
     * Weights less the mean over the trajectories that have a step at that time, the own one included. If all K have the same
     * length, the expected gradient is multiplied by 1 - 1/K; otherwise each time has a factor of its own.
     *
     * @param weights [trajectories][steps], from the start of each episode, any lengths, finite
     */
    public static double[][] minusMeanPerTime(double[][] weights) {
        return minusPerTime(weights, (own, sum, count) -> own - sum / count);
    }

    /**
     * Weights less the mean over the <em>other</em> trajectories that have a step at that time, or less 0 if there is none: the
     * expected gradient stays.
     *
     * @param weights [trajectories][steps], from the start of each episode, any lengths, finite
     */
    public static double[][] leaveOneOutPerTime(double[][] weights) {
        return minusPerTime(weights, (own, sum, count) -> count == 1 ? own : own - (sum - own) / (count - 1));
    }

    @FunctionalInterface
    private interface Centring {
        double of(double own, double sum, int count);
    }

    private static double[][] minusPerTime(double[][] weights, Centring centring) {
        int longest = Arrays.stream(weights).mapToInt(w -> w.length).max().orElse(0);
        double[] sums = new double[longest];
        int[] counts = new int[longest];
        for (double[] trajectory : weights) {
            ColumnChecks.finite("a weight", trajectory);
            for (int t = 0; t < trajectory.length; t++) {
                sums[t] += trajectory[t];
                counts[t]++;
            }
        }
        double[][] result = new double[weights.length][];
        for (int i = 0; i < weights.length; i++) {
            result[i] = weights[i].clone();
            for (int t = 0; t < result[i].length; t++) {
                result[i][t] = centring.of(weights[i][t], sums[t], counts[t]);
            }
        }
        return result;
    }

    private static double mean(double[] numbers) {
        return Arrays.stream(numbers).sum() / numbers.length;
    }
}
