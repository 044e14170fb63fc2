package org.amend4j.policy;

import org.amend4j.check.Checks;
import org.amend4j.environment.Space;
import org.amend4j.environment.SplitMix64;

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

    /**
     * Masks the actions of one row.
     *
     * @param logits written to, from {@code at} on
     * @param allowed one flag per action, from {@code allowedAt} on
     * @throws IllegalArgumentException if no action is allowed
     */
    void maskInPlace(double[] logits, int at, boolean[] allowed, int allowedAt) {
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

    @Override
    public int outputs() {
        return count;
    }

    @Override
    public int actionSize() {
        return 1;
    }

    @Override
    public int freeParameters() {
        return 0;
    }

    @Override
    public double[] initialFree() {
        return new double[0];
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
        return outputs[at + (int) actions[actionAt]] - logSum(outputs, at);
    }

    @Override
    public void sample(double[] outputs, int at, double[] free, SplitMix64 random, double[] actions, int actionAt) {
        double logSum = logSum(outputs, at);
        double u = random.nextDouble();
        double sum = 0;
        int chosen = -1;
        for (int i = 0; i < count && !(u < sum && chosen >= 0); i++) {
            double probability = Math.exp(outputs[at + i] - logSum);
            if (probability > 0) {
                sum += probability;
                chosen = i;
            }
        }
        if (chosen < 0) {
            throw new ArithmeticException("logits must be numbers, got NaN or infinity");
        }
        actions[actionAt] = chosen;
    }

    @Override
    public void mode(double[] outputs, int at, double[] free, double[] actions, int actionAt) {
        int best = 0;
        for (int i = 1; i < count; i++) {
            if (outputs[at + i] > outputs[at + best]) {
                best = i;
            }
        }
        actions[actionAt] = best;
    }

    @Override
    public double entropy(double[] outputs, int at, double[] free) {
        double logSum = logSum(outputs, at);
        double entropy = 0;
        for (int i = 0; i < count; i++) {
            double logProbability = outputs[at + i] - logSum;
            double probability = Math.exp(logProbability);
            if (probability > 0) {
                entropy -= probability * logProbability;
            }
        }
        return entropy;
    }

    /** ∂log π(a)/∂logits = onehot(a) - π. */
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
        double logSum = logSum(outputs, at);
        int action = (int) actions[actionAt];
        for (int i = 0; i < count; i++) {
            double probability = Math.exp(outputs[at + i] - logSum);
            derivatives[at + i] += weight * ((i == action ? 1 : 0) - probability);
        }
    }

    /** ∂H/∂logit_i = -π_i (log π_i + H). */
    @Override
    public void addEntropyGradient(
            double weight,
            double[] outputs,
            int at,
            double[] free,
            double[] derivatives,
            double[] freeGradient,
            int freeAt) {
        double logSum = logSum(outputs, at);
        double entropy = entropy(outputs, at, free);
        for (int i = 0; i < count; i++) {
            double logProbability = outputs[at + i] - logSum;
            double probability = Math.exp(logProbability);
            if (probability > 0) {
                derivatives[at + i] -= weight * probability * (logProbability + entropy);
            }
        }
    }

    private double logSum(double[] logits, int at) {
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
