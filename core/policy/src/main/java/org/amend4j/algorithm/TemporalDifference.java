/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Vectors;
import org.amend4j.rollout.OnPolicyTransition;

/**
 * TD(0) for action values, with projection and averaging of the iterates:
 * w ← Proj(w + α δ ∂Q_w(s, a)/∂w), δ = r + γ Q_w(s', a') - Q_w(s, a), where Proj shortens w to a radius. Where the episode
 * terminated, Q(s', a') is 0; where a time limit cut it off, it is not.
 *
 * <p>(Sutton 1988; the projected, averaged form after Bhandari, Russo and Singal 2018.)
 */
final class TemporalDifference {

    private final ActionValue critic;
    private final double gamma;
    private final double rate;
    private final double radius;
    private final double[] w;
    private final double[] sum;
    private int steps;
    private int projections;

    /**
     * @param gamma in [0, 1)
     * @param rate α, > 0
     * @param radius > 0; ∞ for no projection
     * @param start w to begin with, [dimension]; only read
     */
    public TemporalDifference(ActionValue critic, double gamma, double rate, double radius, double[] start) {
        Vectors.requireLength("the critic's start", start, critic.dimension());
        if (!(gamma >= 0 && gamma < 1)) {
            throw new IllegalArgumentException("gamma must be in [0, 1), got " + gamma);
        }
        if (!(radius > 0)) {
            throw new IllegalArgumentException("radius must be > 0, got " + radius);
        }
        this.critic = critic;
        this.gamma = gamma;
        this.rate = Checks.positive("the critic's rate", rate);
        this.radius = radius;
        w = start.clone();
        sum = new double[w.length];
    }

    /**
     * One step.
     *
     * @return δ
     * @throws ArithmeticException if δ is not finite, as where rate and features make w grow without bound
     */
    public double step(OnPolicyTransition t) {
        double next = t.terminated() ? 0 : critic.value(w, t.nextInput(), t.nextAction());
        double delta = t.reward() + gamma * next - critic.value(w, t.input(), t.action());
        if (!Double.isFinite(delta)) {
            throw new ArithmeticException(
                    "temporal differences must be finite, got " + delta + " (step " + steps + ")");
        }
        critic.addGradientInPlace(w, rate * delta, w.clone(), t.input(), t.action());
        projectInPlace();
        for (int i = 0; i < w.length; i++) {
            sum[i] += w[i];
        }
        steps++;
        return delta;
    }

    private void projectInPlace() {
        double norm = Vectors.normInOrder(w);
        if (norm > radius) {
            projections++;
            for (int i = 0; i < w.length; i++) {
                w[i] *= radius / norm;
            }
        }
    }

    /** The last iterate, a copy. */
    public double[] last() {
        return w.clone();
    }

    /** The mean of the iterates after each step. */
    public double[] average() {
        double[] mean = new double[w.length];
        for (int i = 0; i < w.length; i++) {
            mean[i] = steps == 0 ? w[i] : sum[i] / steps;
        }
        return mean;
    }

    /** How many steps were projected. */
    public int projections() {
        return projections;
    }
}
