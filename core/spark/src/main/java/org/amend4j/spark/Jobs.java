/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.util.concurrent.ExecutionException;
import org.apache.spark.api.java.JavaFutureAction;

/** Waiting for jobs of a cluster. */
final class Jobs {

    private Jobs() {}

    /**
     * Waits for a job to end. An interrupted thread stays interrupted and gets the result all the same: whoever computes step by step
     * stops between two of them, as in one process.
     *
     * @throws IllegalStateException if the cluster fails, with Spark's reason
     */
    static <T> T result(JavaFutureAction<T> job) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return job.get();
                } catch (InterruptedException later) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException failure) {
            throw failed(failure);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Of what Spark could not help: a refusal is an answer. */
    static IllegalStateException failed(ExecutionException failure) {
        return new IllegalStateException("the cluster must finish its work, got " + failure.getCause(), failure);
    }
}
