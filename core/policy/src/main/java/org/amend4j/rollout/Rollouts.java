/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.io.Serializable;
import java.util.List;
import org.amend4j.policy.Policy;

/**
 * Plays numbered batches of a task with a policy, in this process or elsewhere. What a batch gives is a function of the batch, the task
 * and the policy alone, so wherever it is played, how many at a time and how often, the bits are the same; results are in the batches'
 * order. Nothing is learned while batches are played.
 *
 * <p>To play elsewhere, implement this: send the batches, which are serializable, to where a {@link EnvironmentPool} of the same task and a policy
 * of the same function, with its parameters and its encoder's statistics, {@linkplain Batch#play play} them.
 */
public interface Rollouts {

    /** In this process, one after the other. */
    Rollouts HERE = new Rollouts() {
        @Override
        public <R extends Serializable> List<R> play(
                String occasion, EnvironmentPool here, Policy policy, List<? extends Batch<R>> batches) {
            return batches.stream().map(batch -> batch.play(here, policy)).toList();
        }

        @Override
        public boolean here() {
            return true;
        }
    };

    /**
     * Plays.
     *
     * @param occasion what the batches are for, in a few words ("update 12")
     * @param here the task, and environments of this process
     * @param policy stays as it is
     * @return what each batch gave, in order
     */
    <R extends Serializable> List<R> play(
            String occasion, EnvironmentPool here, Policy policy, List<? extends Batch<R>> batches);

    /** Whether the given player plays the batches; its environments are then opened at once. */
    default boolean here() {
        return false;
    }
}
