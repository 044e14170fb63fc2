/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.spark;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerEnvironmentUpdate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What Spark shows and logs of the process that it was started by. */
class PagesTest {

    private static final String COMMAND = "sun.java.command";
    private static final String LISTENERS = "spark.extraListeners";
    private static final CompletableFuture<String> SHOWN = new CompletableFuture<>();

    private final String typed = System.getProperty(COMMAND);

    /** Hears what pages and event logs are made of. */
    public static final class Reader extends SparkListener {

        @Override
        public void onEnvironmentUpdate(SparkListenerEnvironmentUpdate update) {
            SHOWN.complete(update.environmentDetails().toString());
        }
    }

    @AfterEach
    void restore() {
        System.setProperty(COMMAND, typed);
        System.clearProperty(LISTENERS);
    }

    @Test
    void names_that_the_user_typed_are_not_among_it() throws Exception {
        System.setProperty(COMMAND, "org.amend4j.app.cli.Amend4j unlearn delete run --subject Alice");
        System.setProperty(LISTENERS, Reader.class.getName());
        SparkCluster cluster = SparkCluster.connect("local[1]", "amend4j unlearn delete", news -> {});
        try {
            String shown = SHOWN.get(60, TimeUnit.SECONDS);
            assertTrue(shown.contains(COMMAND), shown);
            assertFalse(shown.contains("Alice"), shown);
        } finally {
            cluster.close();
        }
    }
}
