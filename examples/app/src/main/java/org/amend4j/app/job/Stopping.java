/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.job;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Work that can be asked to stop and then still has something to put on disk. The thread that does it opens one and closes
 * it when everything is written, also if it was interrupted.
 */
public final class Stopping implements AutoCloseable {

    private static final Set<Stopping> OPEN = ConcurrentHashMap.newKeySet();
    private static volatile boolean stopped;

    private final Thread worker = Thread.currentThread();
    private final CountDownLatch written = new CountDownLatch(1);
    private final String howToGoOn;

    private Stopping(String howToGoOn) {
        this.howToGoOn = howToGoOn;
        OPEN.add(this);
    }

    /**
     * This thread's work.
     *
     * @param howToGoOn a sentence for the user
     */
    public static Stopping with(String howToGoOn) {
        return new Stopping(howToGoOn);
    }

    /**
     * Interrupts all such work and waits until it is on disk; for a process that is being stopped.
     *
     * @return how to go on with what was written in time
     */
    public static List<String> stopAll(Duration patience) {
        stopped = true;
        List<Stopping> all = List.copyOf(OPEN);
        all.forEach(one -> one.worker.interrupt());
        List<String> sentences = new ArrayList<>();
        long end = System.nanoTime() + patience.toNanos();
        for (Stopping one : all) {
            if (one.isWrittenBy(end)) {
                sentences.add(one.howToGoOn);
            }
        }
        return sentences;
    }

    private boolean isWrittenBy(long end) {
        try {
            return written.await(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Whether the process is being stopped, so that somebody else tells the user. */
    public static boolean isStopped() {
        return stopped;
    }

    @Override
    public void close() {
        written.countDown();
        OPEN.remove(this);
    }
}
