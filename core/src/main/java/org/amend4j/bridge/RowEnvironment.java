package org.amend4j.bridge;

import org.amend4j.environment.Environment;
import org.amend4j.environment.EnvironmentBatch;
import org.amend4j.environment.Space;
import org.amend4j.environment.Step;

/** One row of a batch by itself. */
final class RowEnvironment implements Environment {

    private final EnvironmentBatch batch;
    private final int[] row;
    private boolean running;

    RowEnvironment(EnvironmentBatch batch, int row) {
        this.batch = batch;
        this.row = new int[] {row};
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
    public boolean[] allowedActions() {
        return batch.allowedActions(row[0]);
    }

    @Override
    public double[] reset(long seed) {
        running = false;
        double[] first = batch.reset(row, new long[] {seed})[0];
        running = true;
        return first;
    }

    @Override
    public Step step(double... action) {
        if (!running) {
            throw new IllegalStateException("step needs a running episode: reset first");
        }
        running = false;
        Step step = batch.step(row, new double[][] {action})[0];
        running = !step.ended();
        return step;
    }
}
