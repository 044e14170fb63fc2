/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Holds processes in the middle of a gradient, by files: who comes by a closed gate says so and waits. Each worker's executors have a
 * gate of their own, told by the environment; a process without one is never held.
 *
 * @param folder of the files
 */
record Gate(Path folder) {

    static final String VARIABLE = "AMEND4J_TEST_GATE";

    /** Far beyond what anything here takes, on a busy machine too. */
    static final Duration PATIENCE = Duration.ofMinutes(2);

    private static final Gate HERE = new Gate(Path.of(System.getenv().getOrDefault(VARIABLE, "")));

    /** This process's. */
    static Gate here() {
        return HERE;
    }

    private Path closed() {
        return folder.resolve("closed");
    }

    private Path waiting() {
        return folder.resolve("waiting");
    }

    /** Holds whoever comes by from now on. */
    void close() {
        try {
            Files.createDirectories(folder);
            Files.deleteIfExists(waiting());
            Files.writeString(closed(), "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets everybody go. */
    void open() {
        try {
            Files.deleteIfExists(closed());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether anybody has come since the gate was closed. */
    boolean isSomebodyWaiting() {
        return Files.exists(waiting());
    }

    /** Waits until somebody waits here. */
    void awaitSomebody() {
        await("somebody at the gate " + folder, this::isSomebodyWaiting);
    }

    /** Waits at the process's gate while that is closed. */
    static void pass() {
        if (System.getenv(VARIABLE) == null || !Files.exists(HERE.closed())) {
            return;
        }
        try {
            Files.writeString(HERE.waiting(), "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await("an open gate", () -> !Files.exists(HERE.closed()));
    }

    private static void sleep(long milliseconds) {
        try {
            Thread.sleep(milliseconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting", e);
        }
    }

    /** Waits for something to become true. */
    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("waited for " + what + " in vain");
            }
            sleep(5);
        }
    }
}
