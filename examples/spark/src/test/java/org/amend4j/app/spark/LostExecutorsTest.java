/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.cluster.ExecutorInfo;
import org.junit.jupiter.api.Test;
import scala.collection.immutable.Map$;

class LostExecutorsTest {

    private final List<String> news = new ArrayList<>();

    /** One of several is Spark's to replace, and nobody's news. */
    @Test
    void only_the_loss_of_all_executors_is_said_and_that_there_are_some_again() {
        AtomicInteger there = new AtomicInteger(1);
        LostExecutors executors = new LostExecutors(there::get, news::add);
        executors.onExecutorRemoved(removed("0"));
        assertEquals(List.of(), news);
        there.set(0);
        executors.onExecutorRemoved(removed("1"));
        assertEquals(1, news.size());
        assertTrue(news.get(0).startsWith("All executors are lost (worker lost): waiting for others."), news.get(0));
        executors.onExecutorRemoved(removed("2"));
        there.set(2);
        executors.onExecutorAdded(added("3"));
        executors.onExecutorAdded(added("4"));
        assertEquals("There is an executor again.", news.get(1));
        assertEquals(2, news.size());
    }

    private static SparkListenerExecutorRemoved removed(String executor) {
        return new SparkListenerExecutorRemoved(0, executor, "worker lost");
    }

    private static SparkListenerExecutorAdded added(String executor) {
        return new SparkListenerExecutorAdded(0, executor, new ExecutorInfo("host", 1, Map$.MODULE$.empty()));
    }
}
