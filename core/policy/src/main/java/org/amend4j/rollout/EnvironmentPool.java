/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import org.amend4j.environment.EnvironmentBatch;
import org.amend4j.environment.Space;
import org.amend4j.policy.Policy;
import org.jspecify.annotations.Nullable;

/** A task with environments that stay open from one batch to the next. Not thread-safe: one batch at a time. */
public final class EnvironmentPool implements AutoCloseable {

    private final Task task;
    private @Nullable EnvironmentBatch open;

    /** Opens nothing yet. */
    public EnvironmentPool(Task task) {
        this.task = task;
    }

    /** What is played. */
    public Task task() {
        return task;
    }

    /** At least so many environments, whatever state they are in. */
    EnvironmentBatch environments(int rows) {
        EnvironmentBatch now = open;
        return now != null && now.rows() >= rows ? now : replaced(rows);
    }

    /** So many environments, whatever state they are in. */
    EnvironmentBatch exactly(int rows) {
        EnvironmentBatch now = open;
        return now != null && now.rows() == rows ? now : replaced(rows);
    }

    private EnvironmentBatch replaced(int rows) {
        close();
        EnvironmentBatch others = task.environments().apply(rows);
        open = others;
        return others;
    }

    /** Opens so many environments, if they will be needed: if batches are played here. */
    void prepare(int rows) {
        if (task.rollouts().here()) {
            environments(rows);
        }
    }

    /** Of one environment. */
    Space observationSpace() {
        return environments(1).observationSpace();
    }

    /** Of one environment. */
    Space actionSpace() {
        return environments(1).actionSpace();
    }

    /** @throws IllegalArgumentException if the policy's inputs or actions are not the environment's */
    void requireFor(Policy policy) {
        PolicyCompatibility.require(policy, observationSpace(), actionSpace());
    }

    /** Closes its environments; it can be used again. */
    @Override
    public void close() {
        EnvironmentBatch last = open;
        open = null;
        if (last != null) {
            last.close();
        }
    }
}
