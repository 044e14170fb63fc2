/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

/**
 * One environment, after Gymnasium: reset, then step until a step reports that the episode has ended. Implement this for an
 * environment of your own.
 *
 * <p>In one respect it is stricter than Gymnasium: every reset takes a seed, and an episode is a function of that seed and the
 * actions alone. So any episode can be replayed at any time, without what came before it.
 * {@link VectorEnvironment} draws the seeds of later episodes from the run's one seed.
 *
 * <p>Observations and actions are points of their {@link Space}; arrays that are returned belong to the receiver, and
 * arrays that are given stay unchanged. Not thread-safe.
 */
public interface Environment extends AutoCloseable {

    Space observationSpace();

    Space actionSpace();

    /** Begins an episode, whatever came before, and returns its first observation. */
    double[] reset(long seed);

    /**
     * Acts once.
     *
     * @param action a point of {@link #actionSpace()}: policies send {@link Space#nearest} of what they draw; environments with
     *     continuous actions may clip one outside of it
     * @throws IllegalStateException if no episode is running: never reset, or ended
     * @throws IllegalArgumentException if the action is not one
     */
    StepResult step(double... action);

    /**
     * Which actions make sense in the current state, for discrete actions. Others may be taken all the same; a policy that
     * leaves them out learns faster.
     *
     * @return one flag per action, at least one of them set, a new array at each call; or empty: either in every state or
     *     in none. Before the first reset and after an end nothing is said about the flags
     */
    default boolean[] allowedActions() {
        return new boolean[0];
    }

    /** Gives back what it holds outside of this process or this object, if anything; nothing else is called afterwards. */
    @Override
    default void close() {}
}
