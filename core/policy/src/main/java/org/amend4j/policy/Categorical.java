/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.OptionalDouble;
import org.amend4j.environment.Space;
import org.amend4j.identity.Facts;
import org.amend4j.internal.validation.Checks;
import org.amend4j.random.SplitMix64;

/**
 * One of several actions, by softmax of as many logits. An action is masked by the logit {@code -∞}: its probability is 0
 * and so is every derivative with respect to its logit. The static methods are the arithmetic, on {@code count} logits from
 * {@code at} on; they do not check their arguments.
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
        return logProbability(outputs, at, count, (int) actions[actionAt]);
    }

    @Override
    public void sample(double[] outputs, int at, double[] free, SplitMix64 random, double[] actions, int actionAt) {
        actions[actionAt] = draw(outputs, at, count, random.nextDouble());
    }

    @Override
    public void mode(double[] outputs, int at, double[] free, double[] actions, int actionAt) {
        actions[actionAt] = mode(outputs, at, count);
    }

    @Override
    public double entropy(double[] outputs, int at, double[] free) {
        return entropy(outputs, at, count);
    }

    @Override
    public OptionalDouble greatestEntropy() {
        return OptionalDouble.of(Math.log(count));
    }

    @Override
    public void addScore(
            double weight, double[] outputs, int at, double[] free, double[] actions, int actionAt, Derivatives into) {
        addScore(weight, outputs, at, count, (int) actions[actionAt], into.ofOutputs());
    }

    @Override
    public void addEntropyGradient(double weight, double[] outputs, int at, double[] free, Derivatives into) {
        addEntropyGradient(weight, outputs, at, count, into.ofOutputs());
    }

    @Override
    public int flags() {
        return count;
    }

    @Override
    public void maskInPlace(double[] outputs, int at, boolean[] allowed, int allowedAt) {
        maskInPlace(outputs, at, count, allowed, allowedAt);
    }

    static double logProbability(double[] logits, int at, int count, int index) {
        return logits[at + index] - logSum(logits, at, count);
    }

    /** The index that u, uniform in [0, 1), falls on. */
    static int draw(double[] logits, int at, int count, double u) {
        double logSum = logSum(logits, at, count);
        double sum = 0;
        int chosen = -1;
        for (int i = 0; i < count && !(u < sum && chosen >= 0); i++) {
            double probability = Math.exp(logits[at + i] - logSum);
            if (probability > 0) {
                sum += probability;
                chosen = i;
            }
        }
        if (chosen < 0) {
            throw new ArithmeticException("logits must be numbers, got NaN or infinity");
        }
        return chosen;
    }

    /** The first of the most likely. */
    static int mode(double[] logits, int at, int count) {
        int best = 0;
        for (int i = 1; i < count; i++) {
            if (logits[at + i] > logits[at + best]) {
                best = i;
            }
        }
        return best;
    }

    static double entropy(double[] logits, int at, int count) {
        double logSum = logSum(logits, at, count);
        double entropy = 0;
        for (int i = 0; i < count; i++) {
            double logProbability = logits[at + i] - logSum;
            double probability = Math.exp(logProbability);
            if (probability > 0) {
                entropy -= probability * logProbability;
            }
        }
        return entropy;
    }

    /** ∂log π(index)/∂logits = onehot(index) - π. */
    static void addScore(double weight, double[] logits, int at, int count, int index, double[] derivatives) {
        double logSum = logSum(logits, at, count);
        for (int i = 0; i < count; i++) {
            double probability = Math.exp(logits[at + i] - logSum);
            derivatives[at + i] += weight * ((i == index ? 1 : 0) - probability);
        }
    }

    /** ∂H/∂logit_i = -π_i (log π_i + H). */
    static void addEntropyGradient(double weight, double[] logits, int at, int count, double[] derivatives) {
        double logSum = logSum(logits, at, count);
        double entropy = entropy(logits, at, count);
        for (int i = 0; i < count; i++) {
            double logProbability = logits[at + i] - logSum;
            double probability = Math.exp(logProbability);
            if (probability > 0) {
                derivatives[at + i] -= weight * probability * (logProbability + entropy);
            }
        }
    }

    /**
     * Takes out what is not allowed.
     *
     * @param allowed one flag per index, from {@code allowedAt} on
     * @throws IllegalArgumentException if nothing is allowed
     */
    static void maskInPlace(double[] logits, int at, int count, boolean[] allowed, int allowedAt) {
        boolean any = false;
        for (int i = 0; i < count; i++) {
            if (allowed[allowedAt + i]) {
                any = true;
            } else {
                logits[at + i] = Double.NEGATIVE_INFINITY;
            }
        }
        if (!any) {
            throw new IllegalArgumentException("mask must allow at least 1 of " + count + " actions, got none");
        }
    }

    private static double logSum(double[] logits, int at, int count) {
        double greatest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            greatest = Math.max(greatest, logits[at + i]);
        }
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.exp(logits[at + i] - greatest);
        }
        return greatest + Math.log(sum);
    }
}
