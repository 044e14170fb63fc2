/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.Arrays;
import org.amend4j.environment.Space;
import org.amend4j.identity.Facts;
import org.amend4j.internal.validation.Checks;
import org.amend4j.random.SplitMix64;

/**
 * Independent normal numbers u, squashed into a box: a = low + (high - low)(tanh u + 1)/2. Means of u come from the network, its
 * standard deviations are the same in every state, and no action leaves the box. What Stable-Baselines calls
 * {@code squash_output}.
 *
 * <p>The density is that of a: log π(a) = log N(u; μ, σ) - log((high - low)/2) - log(1 - tanh²u), where the last is
 * 2(log 2 - u - log(1 + e^{-2u})), without cancellation.
 *
 * <p><b>u from a.</b> Only a is kept, and u = ½ log((a - low)/(high - a)), the inverse of tanh. As a is rounded, u is off by up to
 * about ulp(a)(high - low)/(4(a - low)(high - a)), either way: in [-1, 1] 3e-13 at |u| = 5, 7e-9 at 10 and
 * 0.01 at 17. An action at an edge
 * stands for all u that round to it, in [-1, 1] those above 19.06: its density is their probability by the length that rounds
 * there, and its score the exact one of that. So means far outside, where all actions are at the edge, are not pulled back by scores of a u
 * that was never drawn.
 *
 * <p><b>The mode</b> here is the action of the mean, low + (high - low)(tanh μ + 1)/2, as in Stable-Baselines and the literature
 * of soft actor-critic: the median in each coordinate. It is not the most likely action; the density may have its maximum, or
 * two, near the edges.
 *
 * <p><b>The entropy</b> has no closed form. What is returned is a sum that differs from it by less than 1e-14·(1 + |μ| + σ) a
 * number for σ ≤ 64 ({@code LogCoshMean}), the same at every call, with its exact gradient; it costs about 70 exponentials for a
 * number of an action, twice as many with each doubling of σ above 1.
 *
 * @param low of the box, finite, [size of an action]
 * @param high of the box, finite, above {@code low}
 * @param normal u's law, of as many numbers
 */
@SuppressWarnings("ArrayRecordComponent") // copied in and out, compared by content
public record SquashedGaussian(double[] low, double[] high, Gaussian normal) implements ActionDistribution {

    private static final double HALF_LOG_2_PI = 0.5 * Math.log(2 * Math.PI);

    public SquashedGaussian {
        Checks.atLeast(1, "numbers of an action", low.length);
        if (high.length != low.length || normal.actionSize() != low.length) {
            throw new IllegalArgumentException("low, high and deviations must have one length, got " + low.length + ", "
                    + high.length + " and " + normal.actionSize());
        }
        for (int i = 0; i < low.length; i++) {
            if (!(low[i] < high[i]) || !Double.isFinite(high[i] - low[i])) {
                throw new IllegalArgumentException("squashed actions need low < high and a finite distance, got ["
                        + low[i] + ", " + high[i] + "] (coordinate " + i + ")");
            }
        }
        low = low.clone();
        high = high.clone();
    }

    /** Fixed standard deviations of u, one for each number of an action. */
    public static SquashedGaussian fixed(Space.Box box, double... deviations) {
        return new SquashedGaussian(box.low(), box.high(), Gaussian.fixed(deviations));
    }

    /** Trained standard deviations of u, which begin with these. */
    public static SquashedGaussian trained(Space.Box box, double... deviations) {
        return new SquashedGaussian(box.low(), box.high(), Gaussian.trained(deviations));
    }

    /**
     * Trained standard deviations that begin with 1: where μ is 0, nearly uniform in the box.
     *
     * @throws IllegalArgumentException if the space is not a box, or a bound is infinite
     */
    public static SquashedGaussian of(Space actionSpace) {
        if (!(actionSpace instanceof Space.Box box)) {
            throw new IllegalArgumentException("a squashed Gaussian policy needs a box, got " + actionSpace);
        }
        double[] ones = new double[box.size()];
        Arrays.fill(ones, 1);
        return trained(box, ones);
    }

    @Override
    public Facts facts() {
        return Facts.of("SquashedGaussian").with("low", low).with("high", high).with("normal", normal);
    }

    @Override
    public double[] low() {
        return low.clone();
    }

    @Override
    public double[] high() {
        return high.clone();
    }

    @Override
    public int outputs() {
        return low.length;
    }

    @Override
    public int actionSize() {
        return low.length;
    }

    @Override
    public int freeParameters() {
        return normal.freeParameters();
    }

    @Override
    public double[] initialFree() {
        return normal.initialFree();
    }

    @Override
    public void requireFor(Space actionSpace) {
        if (!new Space.Box(low, high).equals(actionSpace)) {
            throw new IllegalArgumentException("a policy squashed into " + Arrays.toString(low) + " to "
                    + Arrays.toString(high) + " needs that box, got " + actionSpace);
        }
    }

    private Squash squash(int i) {
        return new Squash(low[i], high[i]);
    }

    @Override
    public double logProbability(double[] outputs, int at, double[] free, double[] actions, int actionAt) {
        double sum = 0;
        for (int i = 0; i < low.length; i++) {
            double action = actions[actionAt + i];
            Squash squash = squash(i);
            if (!squash.contains(action)) {
                return Double.NEGATIVE_INFINITY;
            }
            double u = squash.inverse(action);
            double z = (u - outputs[at + i]) * Math.exp(-normal.logDeviation(free, i));
            if (action == low[i] || action == high[i]) {
                sum += NormalTail.logarithm(action == low[i] ? -z : z) - Math.log(squash.reach(action));
            } else {
                sum -= z * z / 2 + normal.logDeviation(free, i) + HALF_LOG_2_PI + squash.logSlope(u);
            }
        }
        return sum;
    }

    @Override
    public void sample(double[] outputs, int at, double[] free, SplitMix64 random, double[] actions, int actionAt) {
        normal.sample(outputs, at, free, random, actions, actionAt);
        for (int i = 0; i < low.length; i++) {
            actions[actionAt + i] = squash(i).of(actions[actionAt + i]);
        }
    }

    @Override
    public void mode(double[] outputs, int at, double[] free, double[] actions, int actionAt) {
        for (int i = 0; i < low.length; i++) {
            actions[actionAt + i] = squash(i).of(outputs[at + i]);
        }
    }

    /** Of a number: log σ + ½ log 2πe + log((high - low)/2) - 2 E log cosh u. */
    @Override
    public double entropy(double[] outputs, int at, double[] free) {
        double sum = 0;
        for (int i = 0; i < low.length; i++) {
            double logDeviation = normal.logDeviation(free, i);
            sum += logDeviation + HALF_LOG_2_PI + 0.5 + squash(i).logHalfWidth();
            sum -= 2 * LogCoshMean.of(outputs[at + i], Math.exp(logDeviation)).value();
        }
        return sum;
    }

    /**
     * As of the {@link Gaussian} of u, for what squashes has no parameters; at an edge that of the probability of all beyond.
     *
     * @throws IllegalArgumentException if the action is outside of the box
     */
    @Override
    public void addScore(
            double weight, double[] outputs, int at, double[] free, double[] actions, int actionAt, Derivatives into) {
        for (int i = 0; i < low.length; i++) {
            double action = actions[actionAt + i];
            Squash squash = squash(i);
            if (!squash.contains(action)) {
                throw new IllegalArgumentException("a squashed action must be in [" + low[i] + ", " + high[i]
                        + "], got " + action + " (coordinate " + i + ")");
            }
            double perDeviation = Math.exp(-normal.logDeviation(free, i));
            double z = (squash.inverse(action) - outputs[at + i]) * perDeviation;
            double pull = action == low[i] ? -NormalTail.hazard(-z) : action == high[i] ? NormalTail.hazard(z) : z;
            into.addByOutput(at + i, weight * pull * perDeviation);
            if (normal.trained()) {
                boolean edge = action == low[i] || action == high[i];
                into.addByFree(i, weight * (z * pull - (edge ? 0 : 1)));
            }
        }
    }

    /** ∂H/∂μ = -2 E tanh u and ∂H/∂log σ = 1 - 2 E (u - μ) tanh u. */
    @Override
    public void addEntropyGradient(double weight, double[] outputs, int at, double[] free, Derivatives into) {
        for (int i = 0; i < low.length; i++) {
            LogCoshMean mean = LogCoshMean.of(outputs[at + i], Math.exp(normal.logDeviation(free, i)));
            into.addByOutput(at + i, -(weight * 2 * mean.byMean()));
            if (normal.trained()) {
                into.addByFree(i, weight * (1 - 2 * mean.byLogDeviation()));
            }
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SquashedGaussian that
                && normal.equals(that.normal)
                && Arrays.equals(low, that.low)
                && Arrays.equals(high, that.high);
    }

    @Override
    public int hashCode() {
        int box = 31 * Arrays.hashCode(low) + Arrays.hashCode(high);
        return 31 * box + normal.hashCode();
    }

    @Override
    public String toString() {
        return "SquashedGaussian[low=" + Arrays.toString(low) + ", high=" + Arrays.toString(high) + ", normal=" + normal
                + "]";
    }
}
