/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import org.amend4j.identity.Identified;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.Task;

/**
 * The settings of an algorithm. Those of an algorithm of your own are a public class with a public constructor without arguments, which makes
 * the usual settings; a file {@code META-INF/services/org.amend4j.algorithm.AlgorithmConfig} that names it registers the algorithm
 * ({@link java.util.ServiceLoader}).
 */
public interface AlgorithmConfig extends Identified {

    /** The algorithm's name, for command lines and reports. */
    String algorithm();

    /** Whether the policy's network must have a value output. */
    default boolean needsValue() {
        return false;
    }

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
