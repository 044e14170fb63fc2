/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import org.amend4j.identity.Identified;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.Task;

/** The settings of one of the algorithms. */
public sealed interface AlgorithmConfig extends Identified permits Gpomdp.Config, ActorCritic.Config, PracticeConfig {

    /** The algorithm's name, for command lines and reports. */
    String algorithm();

    /** Whether the policy's network must have a value output. */
    boolean needsValue();

    /** γ. */
    double gamma();

    /** The learning rate, or step size, of the first update. */
    double firstRate();

    /** With another learning rate in the first update; a schedule keeps its end. */
    AlgorithmConfig withFirstRate(double rate);

    /** With another batch: so many trajectories, pairs or episodes, or so many steps of each environment, at least 1. */
    AlgorithmConfig withBatchSize(int size);

    /**
     * Begins.
     *
     * @param policy learns from now on
     * @param seed root of all random numbers
     * @throws IllegalArgumentException if settings, environment and policy do not belong together
     */
    Algorithm begin(Task task, Policy policy, long seed);
}
