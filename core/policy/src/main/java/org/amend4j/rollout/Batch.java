/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.io.Serializable;
import org.amend4j.policy.Policy;

/**
 * Some of the episodes, environments or walks that a collector wants. They are played together, with random numbers of their own.
 *
 * @param <R> what it gives
 */
public sealed interface Batch<R extends Serializable> extends Serializable
        permits EpisodeBatch, FragmentBatch, WalkBatch {

    /**
     * Plays it.
     *
     * @param player of its task; must not be used otherwise meanwhile
     * @param policy stays as it is
     * @throws IllegalArgumentException if the policy's inputs or actions are not the environment's
     * @throws IllegalStateException if an episode does not end, or is cut off, where it must not be
     * @throws ArithmeticException if an observation or a reward is not finite
     */
    R play(EnvironmentPool player, Policy policy);
}
