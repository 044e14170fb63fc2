/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import org.amend4j.environment.EnvironmentBatch;
import org.amend4j.environment.Space;
import org.amend4j.environment.StepResult;

/** Creates batches and keeps track of the open ones. */
final class OpenBatches implements IntFunction<EnvironmentBatch>, AutoCloseable {

    private final IntFunction<? extends EnvironmentBatch> maker;
    private final Set<Tracked> open = ConcurrentHashMap.newKeySet();

    private OpenBatches(IntFunction<? extends EnvironmentBatch> maker) {
        this.maker = maker;
    }

    /** Of a maker; the same if it is one already. */
    static OpenBatches of(IntFunction<? extends EnvironmentBatch> maker) {
        return maker instanceof OpenBatches tracked ? tracked : new OpenBatches(maker);
    }

    @Override
    public EnvironmentBatch apply(int rows) {
        Tracked batch = new Tracked(maker.apply(rows));
        open.add(batch);
        return batch;
    }

    /** Closes what is open. */
    @Override
    public void close() {
        List.copyOf(open).forEach(Tracked::close);
    }

    /** A batch that is not known any more once it is closed. */
    private final class Tracked implements EnvironmentBatch {

        private final EnvironmentBatch batch;

        Tracked(EnvironmentBatch batch) {
            this.batch = batch;
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
            return batch.reset(rows, seeds);
        }

        @Override
        public StepResult[] step(int[] rows, double[][] actions) {
            return batch.step(rows, actions);
        }

        @Override
        public boolean[] allowedActions(int row) {
            return batch.allowedActions(row);
        }

        @Override
        public void close() {
            if (open.remove(this)) {
                batch.close();
            }
        }
    }
}
