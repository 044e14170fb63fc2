/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.frozen;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Splits index ranges over a small fixed pool of daemon threads. The caller works too, and takes over whatever a helper has
 * not started, so a busy machine causes no delay. Every index is computed by the same code whoever takes it: the result
 * does not depend on the split.
 */
final class Bands {

    /** The number of threads that may work on one range, the caller included. */
    static final int WIDTH = Math.max(1, Runtime.getRuntime().availableProcessors());

    /** More pieces than threads, so that a slow thread leaves work to the others. */
    private static final int PIECES_PER_THREAD = 4;

    /** The work that pays for waking another thread: some 10 to 20 microseconds. */
    private static final long WORTHWHILE = 1 << 17;

    private static final ExecutorService HELPERS = helpers();

    /** A body that computes the indices {@code from} (inclusive) to {@code to} (exclusive). */
    @FunctionalInterface
    interface Body {
        /** Computes a piece; {@code worker} is unique among the threads of this split, from 0 to WIDTH - 1. */
        void run(int from, int to, int worker);
    }

    private Bands() {}

    /**
     * Runs the body over 0 to count.
     *
     * @param work the work of one index, about a vectorised multiply-add a unit
     */
    static void split(int count, long work, Body body) {
        long worthwhile = Math.max(1, count * work / WORTHWHILE);
        int pieces = (int) Math.min(Math.min(WIDTH * PIECES_PER_THREAD, count), worthwhile);
        if (pieces == 1 || WIDTH == 1) {
            body.run(0, count, 0);
            return;
        }
        new Split(count, pieces, body).run();
    }

    private static ExecutorService helpers() {
        AtomicInteger number = new AtomicInteger();
        ThreadFactory daemons = task -> {
            Thread thread = new Thread(task, "amend4j-prefix-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
        int threads = Math.max(1, WIDTH - 1);
        return new ThreadPoolExecutor(threads, threads, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), daemons);
    }

    /** One split under way. */
    private static final class Split {
        private final int count;
        private final int pieces;
        private final Body body;
        private final AtomicInteger next = new AtomicInteger();
        private final CountDownLatch open;
        private final AtomicReference<Throwable> failure = new AtomicReference<>();

        Split(int count, int pieces, Body body) {
            this.count = count;
            this.pieces = pieces;
            this.body = body;
            this.open = new CountDownLatch(pieces);
        }

        void run() {
            for (int helper = 1; helper < Math.min(WIDTH, pieces); helper++) {
                int worker = helper;
                HELPERS.execute(() -> work(worker));
            }
            work(0);
            await();
            Throwable thrown = failure.get();
            if (thrown instanceof Error error) {
                throw error;
            }
            if (thrown instanceof RuntimeException exception) {
                throw exception;
            }
        }

        private void work(int worker) {
            for (int piece = next.getAndIncrement(); piece < pieces; piece = next.getAndIncrement()) {
                try {
                    body.run(edge(piece), edge(piece + 1), worker);
                } catch (RuntimeException | Error thrown) {
                    failure.compareAndSet(null, thrown);
                } finally {
                    open.countDown();
                }
            }
        }

        private int edge(int piece) {
            return (int) ((long) count * piece / pieces);
        }

        /** Waits for pieces in other hands; the buffers they write are ours, so an interrupt waits too. */
        private void await() {
            boolean interrupted = false;
            while (true) {
                try {
                    open.await();
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
