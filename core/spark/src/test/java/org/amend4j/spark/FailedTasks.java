/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.ExecutorLostFailure;
import org.apache.spark.FetchFailed;
import org.apache.spark.Success$;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/** Counts what Spark did again: proof that a failure has hit. */
final class FailedTasks extends SparkListener {

    private final AtomicInteger lost = new AtomicInteger();
    private final AtomicInteger overtaken = new AtomicInteger();
    private final AtomicInteger unfetched = new AtomicInteger();
    private final AtomicInteger mapped = new AtomicInteger();

    @Override
    public void onTaskEnd(SparkListenerTaskEnd end) {
        boolean done = end.reason() == Success$.MODULE$;
        if (end.reason() instanceof ExecutorLostFailure) {
            lost.incrementAndGet();
        } else if (end.reason() instanceof FetchFailed) {
            unfetched.incrementAndGet();
        } else if (done && end.taskInfo().speculative()) {
            overtaken.incrementAndGet();
        }
        if (done && end.taskType().equals("ShuffleMapTask")) {
            mapped.incrementAndGet();
        }
    }

    /** Tasks whose executor was lost. */
    int lost() {
        return lost.get();
    }

    /** Tasks that a second attempt did before the first. */
    int overtaken() {
        return overtaken.get();
    }

    /** Tasks that did not find what others had computed. */
    int unfetched() {
        return unfetched.get();
    }

    /** Tasks whose results other tasks fetch, done. */
    int mapped() {
        return mapped.get();
    }
}
