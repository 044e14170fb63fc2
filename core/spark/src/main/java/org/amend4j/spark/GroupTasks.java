/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;

/** The tasks of a job group with one job, told by Spark as they start and end; its own status comes a second late. */
final class GroupTasks extends SparkListener {

    private static final String GROUP = "spark.jobGroup.id";

    private final String group;
    private final Set<Object> stages = new HashSet<>();
    private int job = -1;
    private boolean ended;
    private int running;
    private long done;

    GroupTasks(String group) {
        this.group = group;
    }

    @Override
    public synchronized void onJobStart(SparkListenerJobStart start) {
        if (start.properties() != null && group.equals(start.properties().getProperty(GROUP))) {
            job = start.jobId();
            ended = false; // an earlier one of the same name may be told late
            start.stageIds().foreach(stages::add);
        }
    }

    @Override
    public synchronized void onTaskStart(SparkListenerTaskStart start) {
        running += stages.contains(start.stageId()) ? 1 : 0;
    }

    @Override
    public synchronized void onTaskEnd(SparkListenerTaskEnd end) {
        if (stages.contains(end.stageId())) {
            running--;
            done += end.taskInfo().successful() ? 1 : 0;
            notifyAll();
        }
    }

    @Override
    public synchronized void onJobEnd(SparkListenerJobEnd end) {
        ended |= end.jobId() == job;
        notifyAll();
    }

    /** How many are finished. */
    synchronized long done() {
        return done;
    }

    /**
     * Waits until the job has ended and none of its tasks runs: those of a job that was cancelled end later than it does.
     *
     * @throws InterruptedException if this thread is interrupted
     */
    synchronized void awaitEnd(Duration patience) throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        for (long left = patience.toMillis(); left > 0 && !(ended && running == 0); ) {
            wait(left);
            left = Duration.ofNanos(end - System.nanoTime()).toMillis();
        }
    }
}
