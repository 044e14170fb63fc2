/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.file;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * A thread that does all the work on some files, in the order of submission.
 *
 * <p>An interrupt closes the channel that the interrupted thread works on, so callers' threads, which others may interrupt,
 * never touch one. An interrupt does not end the wait for this thread either; its flag stays set, and the call is
 * completed.
 */
public final class DiskThread {
    /** What the thread is working on, and one piece of work that waits. */
    private static final int PLACES = 2;

    private final Semaphore places = new Semaphore(PLACES);
    private final ExecutorService executor;
    private volatile @Nullable Throwable failure;

    /**
     * A thread that is started by the first work.
     *
     * @param name of the thread
     */
    public DiskThread(String name) {
        executor = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Something done to files. */
    @FunctionalInterface
    public interface Work<T> {
        /** Does it. */
        T run() throws IOException;
    }

    /** Something done to files that gives nothing back. */
    @FunctionalInterface
    public interface Change {
        /** Does it. */
        void run() throws IOException;
    }

    /**
     * Does it after everything asked for before, and waits for it. Its failure is the caller's alone.
     *
     * @throws IllegalStateException if the thread was ended
     */
    public <T> T call(Work<T> work) throws IOException {
        try {
            return CompletableFuture.supplyAsync(() -> attempt(work), executor).join();
        } catch (RejectedExecutionException e) {
            throw new IllegalStateException("a thread that was ended does no more work", e);
        } catch (CompletionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof Failed failed) {
                throw failed.reason;
            }
            if (cause instanceof RuntimeException unchecked) {
                throw unchecked;
            }
            if (cause instanceof Error error) {
                throw error;
            }
            throw e;
        }
    }

    /** As {@link #call}, without an answer. */
    public void await(Change change) throws IOException {
        call(() -> {
            change.run();
            return true;
        });
    }

    private static <T> T attempt(Work<T> work) {
        try {
            return work.run();
        } catch (IOException e) {
            throw new Failed(e);
        }
    }

    /**
     * Does it after everything asked for before; waits only while another change waits already. After a failure no further
     * change is made.
     *
     * @throws IllegalStateException if the thread was ended
     */
    public void change(Change change) {
        places.acquireUninterruptibly();
        try {
            executor.execute(() -> {
                try {
                    if (failure == null) {
                        change.run();
                    }
                } catch (IOException | RuntimeException | Error e) {
                    failure = e;
                } finally {
                    places.release();
                }
            });
        } catch (RejectedExecutionException e) {
            places.release();
            throw new IllegalStateException("a thread that was ended does no more work", e);
        }
    }

    /** What the first change that failed ended with. */
    public @Nullable Throwable failure() {
        return failure;
    }

    /** Ends the thread once everything asked for is done. */
    public void end() {
        executor.shutdown();
    }

    private static final class Failed extends RuntimeException {
        private final IOException reason;

        Failed(IOException reason) {
            super(reason);
            this.reason = reason;
        }
    }
}
