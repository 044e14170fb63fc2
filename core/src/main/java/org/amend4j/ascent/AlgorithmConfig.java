package org.amend4j.ascent;

import org.amend4j.policy.Policy;
import org.amend4j.rollout.Task;

/** The settings of one of the algorithms. */
public sealed interface AlgorithmConfig
        permits Gpomdp.Config, ActorCritic.Config, Reinforce.Config, A2c.Config, Ppo.Config {

    /** The algorithm's name, for command lines and reports. */
    String algorithm();

    /** Whether the policy's network must have a value output. */
    boolean needsValue();

    /**
     * Begins.
     *
     * @param policy learns from now on
     * @param seed root of all random numbers
     * @throws IllegalArgumentException if settings, environment and policy do not belong together
     */
    Algorithm begin(Task task, Policy policy, long seed);
}
