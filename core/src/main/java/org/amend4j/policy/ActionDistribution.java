package org.amend4j.policy;

import org.amend4j.environment.Space;
import org.amend4j.environment.SplitMix64;

/**
 * The family of distributions that actions are drawn from. A distribution's numbers are a few outputs of the policy's
 * network, from {@code at} on in the array given, and the free parameters, which are the same for every row.
 *
 * <p>Everything is computed from logits and logarithms in double; probabilities are never taken the logarithm of. Arrays
 * are only read, unless a method adds to them.
 */
public sealed interface ActionDistribution permits Categorical, Bernoulli, Gaussian {

    /** Numbers of the network's output that describe one distribution, at least 1. */
    int outputs();

    /** Numbers of an action. */
    int actionSize();

    /** Trained numbers that come from no network; the end of the policy's parameter vector. */
    int freeParameters();

    /** What the free parameters begin with, [freeParameters], the receiver's own. */
    double[] initialFree();

    /**
     * Checks that actions are points of a space.
     *
     * @throws IllegalArgumentException if they are not, saying why
     */
    void requireFor(Space actionSpace);

    /** The logarithm of the density or probability of an action; {@code -∞} for an action that is not allowed. */
    double logProbability(double[] outputs, int at, double[] free, double[] actions, int actionAt);

    /** Draws an action into {@code actions}. */
    void sample(double[] outputs, int at, double[] free, SplitMix64 random, double[] actions, int actionAt);

    /** Writes the most likely action, the first of equals, into {@code actions}. */
    void mode(double[] outputs, int at, double[] free, double[] actions, int actionAt);

    /** In nats; differential for continuous actions. */
    double entropy(double[] outputs, int at, double[] free);

    /**
     * Adds weight · ∂log π(a)/∂outputs and weight · ∂log π(a)/∂free.
     *
     * @param derivatives like {@code outputs}, added to from {@code at} on
     * @param freeGradient [at least freeAt + freeParameters], added to from {@code freeAt} on
     */
    void addScore(
            double weight,
            double[] outputs,
            int at,
            double[] free,
            double[] actions,
            int actionAt,
            double[] derivatives,
            double[] freeGradient,
            int freeAt);

    /** As {@link #addScore}, for the entropy instead of log π(a). */
    void addEntropyGradient(
            double weight,
            double[] outputs,
            int at,
            double[] free,
            double[] derivatives,
            double[] freeGradient,
            int freeAt);
}
