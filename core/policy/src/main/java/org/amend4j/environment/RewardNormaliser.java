/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import java.io.Serializable;
import java.util.Arrays;
import org.amend4j.internal.validation.Checks;

/**
 * Divides rewards by the standard deviation of the running discounted return, without subtracting the mean, as Gymnasium's
 * vector NormalizeReward: per row G ← γ (1 - terminated) G + r, mean and variance of all G so far by batches (Chan, Golub
 * and LeVeque 1979), then r / √(variance + 1e-8). A truncation does not clear G. As there, on a step that terminates G is
 * cleared before that step's reward is added.
 *
 * <p>Scaled rewards define a return other than the environment's: a scaled J, which moves while the statistics do. {@link
 * #scaleOnly} leaves them as they are.
 */
public final class RewardNormaliser {

    private static final double EPSILON = 1e-8;
    private static final double FIRST_COUNT = 1e-4;

    private final double discount;
    private final double[] returns;
    private double count;
    private double mean;
    private double variance;

    /**
     * All that a normaliser knows.
     *
     * @param discount γ, in [0, 1]
     * @param returns G of each row
     * @param count of the returns seen, at least the initial 1e-4
     * @param mean of the returns seen
     * @param variance of the returns seen, divided by the count
     */
    @SuppressWarnings("ArrayRecordComponent") // copied in and out, compared by content
    public record State(double discount, double[] returns, double count, double mean, double variance)
            implements Serializable {

        public State {
            if (!(discount >= 0 && discount <= 1)) {
                throw new IllegalArgumentException("discount must be in [0, 1], got " + discount);
            }
            Checks.atLeast(1, "rows", returns.length);
            if (!Points.allFinite(returns)) {
                throw new IllegalArgumentException("returns must be finite, got " + Arrays.toString(returns));
            }
            Checks.positive("count", count);
            Checks.finite("mean", mean);
            Checks.notNegative("variance", variance);
            returns = returns.clone();
        }

        @Override
        public double[] returns() {
            return returns.clone();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof State state
                    && discount == state.discount
                    && Arrays.equals(returns, state.returns)
                    && count == state.count
                    && mean == state.mean
                    && variance == state.variance;
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(new double[] {discount, count, mean, variance}) + 31 * Arrays.hashCode(returns);
        }
    }

    /** Begins with mean 0, variance 1 and the weight of 1e-4 returns. */
    public RewardNormaliser(int rows, double discount) {
        this(new State(discount, new double[Checks.atLeast(1, "rows", rows)], FIRST_COUNT, 0, 1));
    }

    /** Goes on where another one was. */
    public RewardNormaliser(State state) {
        discount = state.discount;
        returns = state.returns();
        count = state.count;
        mean = state.mean;
        variance = state.variance;
    }

    public State state() {
        return new State(discount, returns, count, mean, variance);
    }

    /**
     * Learns from one step of all rows, then scales its rewards.
     *
     * @param rewards [rows], finite
     * @param terminated [rows]
     * @return [rows], a new array
     * @throws IllegalArgumentException if a length is wrong or a reward not finite; nothing was learned then
     */
    public double[] normalise(double[] rewards, boolean[] terminated) {
        if (rewards.length != returns.length || terminated.length != returns.length || !Points.allFinite(rewards)) {
            throw new IllegalArgumentException("rewards and flags must be one per row, " + returns.length
                    + ", and finite, got " + Arrays.toString(rewards) + " and " + terminated.length + " flags");
        }
        for (int row = 0; row < returns.length; row++) {
            returns[row] = (terminated[row] ? 0 : discount * returns[row]) + rewards[row];
        }
        learn();
        return scaleOnly(rewards);
    }

    /** Scales by the statistics as they are, as in an evaluation. */
    public double[] scaleOnly(double... rewards) {
        double deviation = Math.sqrt(variance + EPSILON);
        return Arrays.stream(rewards).map(reward -> reward / deviation).toArray();
    }

    private void learn() {
        int n = returns.length;
        double batchMean = Arrays.stream(returns).sum() / n;
        double batchSquares = Arrays.stream(returns)
                .map(g -> (g - batchMean) * (g - batchMean))
                .sum();
        double total = count + n;
        double apart = batchMean - mean;
        double squares = variance * count + batchSquares + apart * apart * count * n / total;
        mean += apart * n / total;
        variance = squares / total;
        count = total;
    }
}
