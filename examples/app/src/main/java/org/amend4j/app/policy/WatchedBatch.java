/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.function.LongConsumer;
import org.amend4j.environment.EnvironmentBatch;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.environment.Space;
import org.amend4j.environment.StepResult;
import org.amend4j.rollout.Task;

/** Environments that report their steps, including those that an episode does not need: each episode counts as the limit's steps. */
final class WatchedBatch implements EnvironmentBatch {

    private final EnvironmentBatch batch;
    private final int limit;
    private final LongConsumer steps;
    private final int[] lengths;

    private WatchedBatch(EnvironmentBatch batch, int limit, LongConsumer steps) {
        this.batch = batch;
        this.limit = limit;
        this.steps = steps;
        lengths = new int[batch.rows()];
    }

    /**
     * A task that reports its steps.
     *
     * @param spec with a time limit
     */
    static Task task(EnvironmentSpec spec, LongConsumer steps) {
        int limit = spec.timeLimit().orElseThrow();
        return new Task(spec.id(), rows -> new WatchedBatch(spec.open(rows), limit, steps), spec.timeLimit());
    }

    @Override
    public int rows() {
        return batch.rows();
    }

    @Override
    public Space observationSpace() {
        return batch.observationSpace();
    }

    @Override
    public Space actionSpace() {
        return batch.actionSpace();
    }

    @Override
    public double[][] reset(int[] rows, long[] seeds) {
        for (int row : rows) {
            lengths[row] = 0;
        }
        return batch.reset(rows, seeds);
    }

    @Override
    public StepResult[] step(int[] rows, double[][] actions) {
        StepResult[] results = batch.step(rows, actions);
        long done = 0;
        for (int i = 0; i < rows.length; i++) {
            lengths[rows[i]]++;
            done += results[i].ended() ? 1 + limit - lengths[rows[i]] : 1;
        }
        steps.accept(done);
        return results;
    }

    @Override
    public boolean[] allowedActions(int row) {
        return batch.allowedActions(row);
    }

    @Override
    public void close() {
        batch.close();
    }
}
