/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.util.concurrent.TimeoutException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.executor.TaskMetrics;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerBlockUpdated;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.storage.BlockUpdatedInfo;

/**
 * What a job sends over the network, as Spark reports it: pieces of broadcasts that arrive at executors (the tasks' code is one, too),
 * results of tasks, and shuffles.
 */
final class SentBytes {

    /**
     * The bytes.
     *
     * @param broadcast to all executors together
     * @param results of all tasks together
     * @param shuffled read and written
     * @param tasks how many there were
     */
    record Counts(long broadcast, long results, long shuffled, int tasks) {}

    private SentBytes() {}

    /** Counts events; Spark calls one at a time. */
    private static final class Counter extends SparkListener {
        private long broadcast;
        private long results;
        private long shuffled;
        private int tasks;

        @Override
        public synchronized void onBlockUpdated(SparkListenerBlockUpdated updated) {
            BlockUpdatedInfo block = updated.blockUpdatedInfo();
            // Spark reports what goes, too, with its size
            boolean arrived = block.storageLevel().isValid();
            if (arrived
                    && block.blockId().isBroadcast()
                    && !block.blockManagerId().isDriver()) {
                broadcast += block.memSize() + block.diskSize();
            }
        }

        @Override
        public synchronized void onTaskEnd(SparkListenerTaskEnd end) {
            TaskMetrics metrics = end.taskMetrics();
            results += metrics.resultSize();
            shuffled += metrics.shuffleReadMetrics().totalBytesRead()
                    + metrics.shuffleWriteMetrics().bytesWritten();
            tasks++;
        }

        synchronized Counts counts() {
            return new Counts(broadcast, results, shuffled, tasks);
        }
    }

    /** Counts while something runs. */
    static Counts of(JavaSparkContext context, Runnable job) throws TimeoutException {
        // what came before
        context.sc().listenerBus().waitUntilEmpty();
        Counter counter = new Counter();
        context.sc().addSparkListener(counter);
        try {
            job.run();
            context.sc().listenerBus().waitUntilEmpty();
        } finally {
            context.sc().removeSparkListener(counter);
        }
        return counter.counts();
    }
}
