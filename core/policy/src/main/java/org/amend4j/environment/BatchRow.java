/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

/** One row of a batch by itself; closing it closes the batch. */
final class BatchRow implements Environment {

    private final EnvironmentBatch batch;
    private final int[] row;
    private boolean running;

    BatchRow(EnvironmentBatch batch, int row) {
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
    public StepResult step(double... action) {
        if (!running) {
            throw new IllegalStateException("step needs a running episode: reset first");
        }
        running = false;
        StepResult step = batch.step(row, new double[][] {action})[0];
        running = !step.ended();
        return step;
    }

    @Override
    public void close() {
        running = false;
        batch.close();
    }
}
