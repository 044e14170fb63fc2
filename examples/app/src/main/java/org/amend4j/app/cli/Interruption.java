/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import org.amend4j.app.files.Unfinished;
import org.amend4j.app.job.Stopping;

/**
 * Ctrl-C or SIGTERM: the JVM stops with 130 or 143, and this says so. What can still be kept is kept first; files that were being written are
 * removed.
 */
final class Interruption {

    /** Longer than any checkpoint takes. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private volatile boolean over;

    private Interruption() {}

    static Interruption watch(PrintWriter err) {
        // loads what will be needed, while files can be opened
        Unfinished.discardAll();
        Stopping.isStopped();
        Interruption interruption = new Interruption();
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            if (!interruption.over) {
                                List<String> howToGoOn = Stopping.stopAll(PATIENCE);
                                Unfinished.discardAll();
                                err.println();
                                err.println("amend4j: interrupted.");
                                howToGoOn.forEach(err::println);
                                err.flush();
                            }
                        },
                        "interruption"));
        return interruption;
    }

    /** The job is done, with or without success: what stops the JVM from now on is no interruption. */
    void over() {
        over = true;
    }
}
