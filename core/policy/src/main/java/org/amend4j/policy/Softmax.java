/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

/**
 * One of several indices, by softmax of as many logits; a logit of {@code -∞} takes an index out. Arguments are not checked:
 * logits are read from {@code at} on, {@code count} of them.
 */
final class Softmax {

    private Softmax() {}

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
