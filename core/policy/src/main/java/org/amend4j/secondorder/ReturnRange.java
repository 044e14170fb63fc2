/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import org.amend4j.estimator.RewardRange;

/**
 * Where a trajectory's estimates can lie: from the range of rewards, the baseline, H, γ, and how far one step's score reaches.
 *
 * <p>With w_t = γ^t max|r_t - b_t| and C_t the sum of t + 1 scores along a direction, each within ±g, a slope is within Σ w_t (t + 1) g.
 * Long trajectories hardly ever come near that: C_t is a martingale, so P(|C_t| > x) ≤ 2 exp(-x²/(2(t + 1)g²)) (Azuma). So |C_t| is
 * taken to be at most κ g √(t + 1), and numbers outside of the range that follows are cut off at its end. What is cut off has the mean
 * {@link Span#beyond} at most, by integrating that tail; intervals are widened by it.
 *
 * @param gamma γ
 * @param rewards range of r_t, with the 0 after the end of an episode
 * @param baseline subtracted, of H steps
 * @param cut κ
 */
record ReturnRange(double gamma, RewardRange rewards, TimeBaseline baseline, double cut) {

    /**
     * A range that numbers are cut to.
     *
     * @param beyond how far the mean of the numbers that were cut can be from the mean, either way
     */
    record Span(double low, double high, double beyond) {

        double cut(double number) {
            return Math.min(high, Math.max(low, number));
        }
    }

    /**
     * With the usual cut.
     *
     * @param count of trajectories; κ² = 2 ln(10 n), so that what is cut off is far less than other errors
     */
    static ReturnRange of(double gamma, RewardRange rewards, TimeBaseline baseline, int count) {
        return new ReturnRange(gamma, rewards, baseline, Math.sqrt(2 * Math.log(10.0 * count)));
    }

    private int horizon() {
        return baseline.perStep().length;
    }

    /** γ^t max|r_t - b_t|. */
    private double weight(int t) {
        double b = baseline.perStep()[t];
        return StrictMath.pow(gamma, t) * Math.max(Math.abs(rewards.most() - b), Math.abs(rewards.least() - b));
    }

    private boolean cuts(int t) {
        return cut < Math.sqrt(t + 1);
    }

    /** Greatest |C_t|. */
    private double farthest(int t, double slope) {
        return slope * Math.min(t + 1, cut * Math.sqrt(t + 1));
    }

    /** Of ⟨v, ĝ_i⟩: E(|C| - x)₊ ≤ 2 √(t + 1) g e^{-κ²/2}/κ. */
    Span slope(ScoreReach reach) {
        double most = 0;
        double beyond = 0;
        for (int t = 0; t < horizon(); t++) {
            most += weight(t) * farthest(t, reach.slope());
            beyond += cuts(t) ? weight(t) * 2 * Math.sqrt(t + 1) * reach.slope() * tail() / cut : 0;
        }
        return new Span(-most, most, beyond);
    }

    /** Of ⟨v, ĝ_i⟩²: with e what is cut off, E((|x| + e)² - x²) = 2|x|E e + E e², and √E e² by Minkowski's inequality. */
    Span slopeSquare(ScoreReach reach) {
        Span slope = slope(reach);
        double deviation = 0;
        for (int t = 0; t < horizon(); t++) {
            deviation += cuts(t) ? weight(t) * 2 * Math.sqrt(t + 1) * reach.slope() * Math.sqrt(tail()) : 0;
        }
        return new Span(0, slope.high() * slope.high(), 2 * slope.high() * slope.beyond() + deviation * deviation);
    }

    /** Of vᵀĤ_i v, where C_t² + D_t counts: E(C² - x²)₊ ≤ 4 (t + 1) g² e^{-κ²/2}. */
    Span curvature(ScoreReach reach) {
        double low = 0;
        double high = 0;
        double beyond = 0;
        for (int t = 0; t < horizon(); t++) {
            double farthest = farthest(t, reach.slope());
            double least = (t + 1) * reach.bendLow();
            double most = farthest * farthest + (t + 1) * reach.bendHigh();
            double discount = StrictMath.pow(gamma, t);
            double b = baseline.perStep()[t];
            double above = discount * (rewards.most() - b);
            double below = discount * (rewards.least() - b);
            low += Math.min(Math.min(above * least, above * most), Math.min(below * least, below * most));
            high += Math.max(Math.max(above * least, above * most), Math.max(below * least, below * most));
            beyond += cuts(t) ? weight(t) * 4 * (t + 1) * reach.slope() * reach.slope() * tail() : 0;
        }
        return new Span(low, high, beyond);
    }

    private double tail() {
        return Math.exp(-cut * cut / 2);
    }
}
