/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.util.Arrays;
import java.util.OptionalDouble;
import org.amend4j.environment.Space;
import org.amend4j.identity.Identified;
import org.amend4j.random.SplitMix64;

/**
 * The family of distributions that actions are drawn from. A distribution's numbers are a few outputs of the policy's
 * network, from {@code at} on in the array given, and the free parameters, which are the same for every row.
 *
 * <p>Everything is computed from logits and logarithms in double; the logarithm of a probability is never computed. Arrays
 * are only read, unless a method adds to them.
 *
 * <p>To add your own, implement this interface. Algorithms rely on more than the types say:
 *
 * <ul>
 * <li>All methods describe one distribution: {@link #logProbability} is the logarithm of the density or probability of the law that {@link
 * #sample} draws from; {@link #addScore} and {@link #addEntropyGradient} are the exact gradients of {@link #logProbability} and {@link
 * #entropy}, as functions of outputs and free parameters.
 *   <li>An action's log-probability depends on the numbers written into {@code actions} alone, not on how they were drawn: it
 *       is asked again under other parameters.
 *   <li>{@link #outputs}, {@link #actionSize}, {@link #freeParameters} and {@link #flags} never change, and neither does
 *       anything else: it has no state but its settings, and is thread-safe. Random numbers come
 *       from the generator given, and from nowhere else.
 *   <li>{@link Object#equals} compares the settings, as a record's does if it has no arrays, and {@link #facts} states all of them:
 *       a run is only resumed with a distribution that states the same.
 * </ul>
 *
 * <p>{@code ActionDistributionLaws} in this module's test jar checks these on any distribution. To be saved, a distribution of
 * your own needs a name in {@link PolicyKinds}.
 */
public interface ActionDistribution extends Identified {

    /** Numbers of the network's output that describe one distribution, at least 1. */
    int outputs();

    /** Numbers of an action, at least 1. */
    int actionSize();

    /** Trained numbers that come from no network; the end of the policy's parameter vector. Usually there are none. */
    default int freeParameters() {
        return 0;
    }

    /** What the free parameters begin with, [freeParameters], the receiver's own; zeros unless the distribution says otherwise. */
    default double[] initialFree() {
        return new double[freeParameters()];
    }

    /**
     * Checks that actions are points of a space.
     *
     * @throws IllegalArgumentException if they are not, saying why
     */
    void requireFor(Space actionSpace);

    /** The logarithm of the density or probability of an action; {@code -∞} for an action that is not allowed. */
    double logProbability(double[] outputs, int at, double[] free, double[] actions, int actionAt);

    /**
     * Draws an action into {@code actions}.
     *
     * @throws ArithmeticException if outputs or free parameters are such that there is none
     */
    void sample(double[] outputs, int at, double[] free, SplitMix64 random, double[] actions, int actionAt);

    /**
     * Writes the action that is taken where nothing is drawn into {@code actions}: the most likely one, the first of equals,
     * unless the distribution says otherwise.
     */
    void mode(double[] outputs, int at, double[] free, double[] actions, int actionAt);

    /** In nats; differential for continuous actions. */
    double entropy(double[] outputs, int at, double[] free);

    /** The greatest entropy there is, if the least is 0: of distributions over finitely many actions. */
    default OptionalDouble greatestEntropy() {
        return OptionalDouble.empty();
    }

    /**
     * Adds weight · ∂log π(a)/∂outputs and weight · ∂log π(a)/∂free.
     *
     * @param into as many outputs' derivatives as {@code outputs}, of which those from {@code at} on are added to
     */
    void addScore(
            double weight, double[] outputs, int at, double[] free, double[] actions, int actionAt, Derivatives into);

    /** As {@link #addScore}, for the entropy instead of log π(a). */
    void addEntropyGradient(double weight, double[] outputs, int at, double[] free, Derivatives into);

    /** Flags of a mask of allowed actions, as many as {@link Space#flags()} of its space; 0 if it takes no masks. */
    default int flags() {
        return 0;
    }

    /**
     * Changes outputs so that actions that are not allowed have probability 0; their outputs' derivatives are 0 then, too.
     *
     * @param outputs written to, from {@code at} on
     * @param allowed {@link #flags} of them, from {@code allowedAt} on
     * @throws IllegalArgumentException if no action is allowed
     * @throws UnsupportedOperationException if it takes no masks
     */
    default void maskInPlace(double[] outputs, int at, boolean[] allowed, int allowedAt) {
        throw new UnsupportedOperationException("action masks need a distribution that takes them, got " + this);
    }

    /**
     * The usual distribution: a softmax for discrete actions, one for each coordinate where there are several. For boxes it is a {@link
     * Gaussian} with trained deviations that begin with half the box's width, or with 1 where that is 0 or infinite.
     *
     * @throws IllegalArgumentException if actions are of several spaces ({@link Space.Dict})
     */
    static ActionDistribution of(Space actionSpace) {
        if (actionSpace instanceof Space.Discrete discrete) {
            return new Categorical(discrete.count());
        }
        if (actionSpace instanceof Space.MultiDiscrete discrete) {
            return new MultiCategorical(discrete.counts());
        }
        if (actionSpace instanceof Space.Box box) {
            double[] deviations = box.high();
            double[] low = box.low();
            Arrays.setAll(deviations, i -> (deviations[i] - low[i]) / 2);
            return Gaussian.trained(Arrays.stream(deviations)
                    .map(deviation -> Double.isFinite(deviation) && deviation > 0 ? deviation : 1)
                    .toArray());
        }
        throw new IllegalArgumentException("no distribution of the library has actions of several spaces, got "
                + actionSpace + ": implement ActionDistribution for them");
    }
}
