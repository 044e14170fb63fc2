/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.job;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Work that can be asked to stop and then still has something to put on disk. The thread that does it opens one and closes
 * it when everything is written, also if it was interrupted or asked.
 */
public final class Stopping implements AutoCloseable {

    private static final Set<Stopping> OPEN = ConcurrentHashMap.newKeySet();
    private static volatile boolean stopped;

    private final Thread worker = Thread.currentThread();
    private final CountDownLatch written = new CountDownLatch(1);
    private final boolean interrupted;
    private final Supplier<Optional<String>> howToGoOn;
    private volatile boolean asked;

    private Stopping(boolean interrupted, Supplier<Optional<String>> howToGoOn) {
        this.interrupted = interrupted;
        this.howToGoOn = howToGoOn;
    }

    private Stopping opened() {
        OPEN.add(this);
        return this;
    }

    /**
     * This thread's work.
     *
     * @param howToGoOn a sentence for the user
     */
    public static Stopping with(String howToGoOn) {
        return new Stopping(true, () -> Optional.of(howToGoOn)).opened();
    }

    /** Work in steps, which is not interrupted: this thread asks between two of them ({@link #isAsked}). */
    public static Stopping betweenSteps() {
        return new Stopping(false, Optional::empty).opened();
    }

    /**
     * Nothing to wait for, but something to say.
     *
     * @param howToGoOn with what is on disk by then, if anything is
     */
    public static Stopping saying(Supplier<Optional<String>> howToGoOn) {
        Stopping nothing = new Stopping(false, howToGoOn);
        nothing.written.countDown();
        return nothing.opened();
    }

    /**
     * Stops all such work and waits until it is on disk; for a process that is being stopped.
     *
     * @return how to go on with what was written in time
     */
    public static List<String> stopAll(Duration patience) {
        stopped = true;
        List<Stopping> all = List.copyOf(OPEN);
        all.forEach(Stopping::ask);
        long end = System.nanoTime() + patience.toNanos();
        List<Stopping> inTime = all.stream().filter(one -> one.isWrittenBy(end)).toList();
        return inTime.stream()
                .map(one -> one.howToGoOn.get())
                .flatMap(Optional::stream)
                .distinct()
                .toList();
    }

    private void ask() {
        asked = true;
        if (interrupted) {
            worker.interrupt();
        }
    }

    /** Whether the work is to be stopped: the process is, or this thread was interrupted. */
    public boolean isAsked() {
        return asked || worker.isInterrupted();
    }

    private boolean isWrittenBy(long end) {
        try {
            return written.await(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Whether the process is being stopped; the user is then told elsewhere. */
    public static boolean isStopped() {
        return stopped;
    }

    @Override
    public void close() {
        written.countDown();
        OPEN.remove(this);
    }
}
