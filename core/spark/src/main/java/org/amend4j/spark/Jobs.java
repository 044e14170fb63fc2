/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.apache.spark.api.java.JavaFutureAction;

/** Waiting for a cluster, which no interrupt ends. */
final class Jobs {

    private Jobs() {}

    /**
     * Waits for a job to end, on a thread that is not interrupted.
     *
     * @throws IllegalStateException if the cluster fails, with Spark's reason
     */
    static <T> T result(JavaFutureAction<T> job) {
        try {
            return job.get();
        } catch (ExecutionException failure) {
            throw failed(failure);
        } catch (InterruptedException nobody) {
            throw new IllegalStateException("interrupted", nobody);
        }
    }

    /**
     * Does something with Spark on a thread of its own, and waits for it. On an interrupted thread, Spark neither sends nor forgets a
     * broadcast, and throws an undeclared {@link InterruptedException}. This thread stays interrupted and still gets the result: a
     * computation of steps stops between two of them, as in one process.
     *
     * @throws RuntimeException what the work threw
     */
    static <T> T undisturbed(Supplier<T> work) {
        try {
            return CompletableFuture.supplyAsync(work, task -> new Thread(task, "amend4j with Spark").start())
                    .join();
        } catch (CompletionException failure) {
            if (failure.getCause() instanceof RuntimeException reason) {
                throw reason;
            }
            throw failure;
        }
    }

    /** As {@link #undisturbed}, without an answer. */
    static void undisturbedly(Runnable work) {
        undisturbed(() -> {
            work.run();
            return true;
        });
    }

    /** Of what Spark could not help: a refusal is an answer. */
    static IllegalStateException failed(ExecutionException failure) {
        String reason = String.valueOf(failure.getCause()); // a first line that says it, then pages of where in Spark
        IllegalStateException failed = new IllegalStateException("the cluster must finish its work, got "
                + reason.lines().findFirst().orElse(reason));
        failed.addSuppressed(failure);
        return failed;
    }
}
