/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.spark;

import java.time.Duration;
import org.amend4j.data.BadInputException;
import org.apache.spark.api.java.JavaSparkContext;

/** The executors of a cluster, which come some time after the connection. Until then it is not known among how many to divide. */
final class Executors {

    /** How long to wait for the first one: Spark's own setting for this. */
    private static final String PATIENCE = "spark.scheduler.maxRegisteredResourcesWaitingTime";

    private static final Duration USUAL_PATIENCE = Duration.ofSeconds(60);

    /** When no executor has come for this long, all that come at the beginning are there. */
    private static final Duration SETTLED = Duration.ofSeconds(1);

    private static final Duration LOOK = Duration.ofMillis(50);

    private Executors() {}

    /** Whether they stay for as long as the job does. */
    static boolean areKept(JavaSparkContext context) {
        return !context.isLocal() && !context.getConf().getBoolean("spark.dynamicAllocation.enabled", false);
    }

    /**
     * Waits for the first executor and for those that come with it. One that comes later works, too.
     *
     * @throws BadInputException if none comes
     * @throws InterruptedException if this thread is interrupted
     */
    static void await(JavaSparkContext context) throws InterruptedException {
        if (!areKept(context)) {
            return; // there, or started when there is work
        }
        long seconds = context.getConf().getTimeAsSeconds(PATIENCE, USUAL_PATIENCE.toSeconds() + "s");
        long end = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
        long changed = System.nanoTime();
        int known = 0;
        while (known == 0 || System.nanoTime() - changed < SETTLED.toNanos()) {
            if (context.sc().isStopped()) {
                throw new BadInputException("--master " + context.master() + " has ended the job before it began");
            }
            if (known == 0 && System.nanoTime() > end) {
                throw new BadInputException(
                        "--master " + context.master() + " has given no executor within " + seconds
                                + " s: are there workers, with free cores and the memory that is asked for (spark.executor.memory)?");
            }
            Thread.sleep(LOOK.toMillis());
            int now = context.sc().statusTracker().getExecutorInfos().length - 1; // the driver is among them
            if (now != known) {
                known = now;
                changed = System.nanoTime();
            }
        }
    }
}
