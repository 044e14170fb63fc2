/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.OptionalDouble;
import org.amend4j.environment.Space;
import org.amend4j.identity.Facts;
import org.amend4j.internal.validation.Checks;
import org.amend4j.random.SplitMix64;

/**
 * One of several actions, by softmax of as many logits. An action is masked by the logit {@code -∞}: its probability is 0
 * and so is every derivative with respect to its logit.
 *
 * @param count number of actions, at least 2
 */
public record Categorical(int count) implements ActionDistribution {

    public Categorical {
        Checks.atLeast(2, "number of actions", count);
    }

    @Override
    public Facts facts() {
        return Facts.of("Categorical").with("count", count);
    }

    @Override
    public int outputs() {
        return count;
    }

    @Override
    public int actionSize() {
        return 1;
    }

    @Override
    public void requireFor(Space actionSpace) {
        if (!(actionSpace instanceof Space.Discrete discrete) || discrete.count() != count) {
            throw new IllegalArgumentException(
                    "a categorical policy of " + count + " actions needs as many discrete actions, got " + actionSpace);
        }
    }

    @Override
    public double logProbability(double[] outputs, int at, double[] free, double[] actions, int actionAt) {
        return Softmax.logProbability(outputs, at, count, (int) actions[actionAt]);
    }

    @Override
    public void sample(double[] outputs, int at, double[] free, SplitMix64 random, double[] actions, int actionAt) {
        actions[actionAt] = Softmax.draw(outputs, at, count, random.nextDouble());
    }

    @Override
    public void mode(double[] outputs, int at, double[] free, double[] actions, int actionAt) {
        actions[actionAt] = Softmax.mode(outputs, at, count);
    }

    @Override
    public double entropy(double[] outputs, int at, double[] free) {
        return Softmax.entropy(outputs, at, count);
    }

    @Override
    public OptionalDouble greatestEntropy() {
        return OptionalDouble.of(Math.log(count));
    }

    @Override
    public void addScore(
            double weight,
            double[] outputs,
            int at,
            double[] free,
            double[] actions,
            int actionAt,
            double[] derivatives,
            double[] freeGradient,
            int freeAt) {
        Softmax.addScore(weight, outputs, at, count, (int) actions[actionAt], derivatives);
    }

    @Override
    public void addEntropyGradient(
            double weight,
            double[] outputs,
            int at,
            double[] free,
            double[] derivatives,
            double[] freeGradient,
            int freeAt) {
        Softmax.addEntropyGradient(weight, outputs, at, count, derivatives);
    }

    @Override
    public int flags() {
        return count;
    }

    @Override
    public void maskInPlace(double[] outputs, int at, boolean[] allowed, int allowedAt) {
        Softmax.maskInPlace(outputs, at, count, allowed, allowedAt);
    }
}
