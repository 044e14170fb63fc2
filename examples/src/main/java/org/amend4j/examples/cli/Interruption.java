package org.amend4j.examples.cli;

import java.io.PrintWriter;
import org.amend4j.examples.data.Unfinished;

/** Ctrl-C: the JVM stops with 130, and this says so. It also removes files that were being written. */
final class Interruption {

    private volatile boolean over;

    private Interruption() {}

    static Interruption watch(PrintWriter err) {
        Interruption interruption = new Interruption();
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            if (!interruption.over) {
                                Unfinished.discardAll();
                                err.println();
                                err.println("amend4j: interrupted.");
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
