/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.OptionalDouble;
import org.amend4j.environment.Space;
import org.amend4j.identity.Facts;
import org.amend4j.random.SplitMix64;

/**
 * One of two actions by a single logit z: action 1 with probability σ(z) = 1/(1 + exp(-z)), else action 0. The same as
 * {@link Categorical} with the logits (0, z), but without its direction of invariance.
 */
public record Bernoulli() implements ActionDistribution {

    @Override
    public Facts facts() {
        return Facts.of("Bernoulli");
    }

    @Override
    public int outputs() {
        return 1;
    }

    @Override
    public int actionSize() {
        return 1;
    }

    @Override
    public void requireFor(Space actionSpace) {
        if (!(actionSpace instanceof Space.Discrete discrete) || discrete.count() != 2) {
            throw new IllegalArgumentException("a Bernoulli policy needs 2 discrete actions, got " + actionSpace);
        }
    }

    @Override
    public double logProbability(double[] outputs, int at, double[] free, double[] actions, int actionAt) {
        return 0 - softplus(actions[actionAt] == 1 ? -outputs[at] : outputs[at]);
    }

    @Override
    public void sample(double[] outputs, int at, double[] free, SplitMix64 random, double[] actions, int actionAt) {
        if (Double.isNaN(outputs[at])) {
            throw new ArithmeticException("a logit must be a number, got NaN");
        }
        actions[actionAt] = random.nextDouble() < sigmoid(outputs[at]) ? 1 : 0;
    }

    @Override
    public void mode(double[] outputs, int at, double[] free, double[] actions, int actionAt) {
        actions[actionAt] = outputs[at] > 0 ? 1 : 0;
    }

    /** log(1 + exp(-|z|)) + |z| σ(-|z|): symmetric, and without cancellation. */
    @Override
    public double entropy(double[] outputs, int at, double[] free) {
        double size = Math.abs(outputs[at]);
        return softplus(-size) + size * sigmoid(-size);
    }

    @Override
    public OptionalDouble greatestEntropy() {
        return OptionalDouble.of(Math.log(2));
    }

    /** ∂log π(a)/∂z = a - σ(z). */
    @Override
    public void addScore(
            double weight, double[] outputs, int at, double[] free, double[] actions, int actionAt, Derivatives into) {
        into.addByOutput(at, weight * (actions[actionAt] == 1 ? sigmoid(-outputs[at]) : -sigmoid(outputs[at])));
    }

    /** ∂H/∂z = -z σ(z) σ(-z). */
    @Override
    public void addEntropyGradient(double weight, double[] outputs, int at, double[] free, Derivatives into) {
        double z = outputs[at];
        into.addByOutput(at, -(weight * z * sigmoid(z) * sigmoid(-z)));
    }

    private static double sigmoid(double z) {
        return 1 / (1 + Math.exp(-z));
    }

    /** log(1 + exp(z)). */
    private static double softplus(double z) {
        return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
    }
}
