/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.spark;

import java.util.function.Consumer;
import java.util.function.IntSupplier;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;

/** Says that all executors are lost: Spark waits for others without a word, and for ever if the master is gone, too. */
final class LostExecutors extends SparkListener {

    private final IntSupplier there;
    private final Consumer<String> news;
    private boolean lost;

    /** @param there how many executors there are, at any time: listeners are told late */
    LostExecutors(IntSupplier there, Consumer<String> news) {
        this.there = there;
        this.news = news;
    }

    @Override
    public synchronized void onExecutorAdded(SparkListenerExecutorAdded added) {
        if (lost) {
            lost = false;
            news.accept("There is an executor again.");
        }
    }

    @Override
    public synchronized void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
        if (!lost && there.getAsInt() == 0) {
            lost = true;
            news.accept("All executors are lost (" + removed.reason()
                    + "): waiting for others. Ctrl-C ends the job; what is on disk stays.");
        }
    }
}
