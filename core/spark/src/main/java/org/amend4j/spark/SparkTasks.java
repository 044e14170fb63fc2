/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import org.amend4j.internal.validation.Checks;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Runs numbered pieces of work on the executors of a cluster. What a piece gives is a function of its input alone, so that it does not matter
 * where it is done, nor whether Spark does it twice; answers come in the order of the inputs. Executors must have the driver's native kernels
 * ({@link org.amend4j.internal.graph.KernelProbe}).
 *
 * <p>What a piece throws is an answer, too, and is not tried again: of several refusals, that of the lowest number is thrown. A process that
 * dies is Spark's to replace. The context stays its owner's.
 */
public final class SparkTasks {

    private static final long LOOK_MILLISECONDS = 500;

    /** How long pieces that are not wanted any more may take to put on disk what they have. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final JavaSparkContext context;
    private final int tasks;
    private final Kernels kernels = Kernels.here();

    /**
     * A piece of work, sent with everything it refers to.
     *
     * @param <I> what it is done with
     * @param <R> what it gives
     */
    @FunctionalInterface
    public interface Work<I, R extends Serializable> extends Serializable {

        /**
         * Does it, on an executor.
         *
         * @throws IOException if something cannot be read there
         * @throws InterruptedException if Spark wants it no longer
         */
        R with(I input) throws IOException, InterruptedException;
    }

    /**
     * A cluster.
     *
     * @param tasks among which pieces are divided, at least 1; no result depends on it
     * @throws IllegalArgumentException if Spark is set to serialize by anything but Java
     */
    public SparkTasks(JavaSparkContext context, int tasks) {
        Serializers.requireJava(context.getConf());
        this.context = context;
        this.tasks = Checks.atLeast(1, "number of tasks", tasks);
    }

    JavaSparkContext context() {
        return context;
    }

    /**
     * Runs a job to its end, also if this thread is interrupted meanwhile; it stays so.
     *
     * @param group name of the job group, as Spark's pages show it
     * @param description of the job, for the same pages
     * @param inputs serializable
     * @throws RuntimeException what a piece of work threw
     */
    public <I, R extends Serializable> List<R> run(String group, String description, List<I> inputs, Work<I, R> work) {
        return given(Jobs.undisturbed(() -> Jobs.result(begin(group, description, inputs, work))));
    }

    /**
     * As {@link #run}, but an interruption of this thread ends the job and interrupts its pieces where they are. The thread waits some
     * seconds for them, unless it is interrupted again.
     *
     * @param done called now and then with the number of finished tasks
     * @throws InterruptedException if this thread is interrupted
     */
    public <I, R extends Serializable> List<R> runUnlessInterrupted(
            String group, String description, List<I> inputs, Work<I, R> work, LongConsumer done)
            throws InterruptedException {
        GroupTasks tasks = new GroupTasks(group);
        context.sc().addSparkListener(tasks);
        try {
            JavaFutureAction<List<TaskResult<R>>> job = begin(group, description, inputs, work);
            while (true) {
                try {
                    List<R> given = given(job.get(LOOK_MILLISECONDS, TimeUnit.MILLISECONDS));
                    done.accept(given.size());
                    return given;
                } catch (TimeoutException stillRunning) {
                    done.accept(tasks.done());
                }
            }
        } catch (ExecutionException e) {
            throw Jobs.failed(e);
        } catch (InterruptedException e) {
            context.cancelJobGroup(group);
            awaitEnd(tasks);
            throw e;
        } finally {
            context.sc().removeSparkListener(tasks);
        }
    }

    private static void awaitEnd(GroupTasks tasks) {
        try {
            tasks.awaitEnd(PATIENCE);
        } catch (InterruptedException hurry) {
            // that there was an interruption is about to be thrown
        }
    }

    private <I, R extends Serializable> JavaFutureAction<List<TaskResult<R>>> begin(
            String group, String description, List<I> inputs, Work<I, R> work) {
        context.setJobGroup(group, description, true);
        try {
            int parts = Math.max(1, Math.min(tasks, inputs.size())); // of no pieces, too
            return job(context, parts, kernels, new ArrayList<>(inputs), work);
        } finally {
            context.clearJobGroup();
        }
    }

    /** Static, so that tasks take along what they are given and not this object. */
    private static <I, R extends Serializable> JavaFutureAction<List<TaskResult<R>>> job(
            JavaSparkContext context, int tasks, Kernels kernels, List<I> inputs, Work<I, R> work) {
        return context.parallelize(inputs, tasks)
                .map(input -> answer(kernels, input, work))
                .collectAsync();
    }

    private static <I, R extends Serializable> TaskResult<R> answer(Kernels kernels, I input, Work<I, R> work)
            throws InterruptedException {
        try {
            kernels.requireHere();
            return new TaskResult.Given<>(work.with(input));
        } catch (IOException | UncheckedIOException e) {
            return new TaskResult.Refused<>(new IllegalArgumentException(
                    "executors must be able to read what they work with, got " + e.getMessage(), e));
        } catch (Broadcasts.NotArrived failure) {
            throw failure;
        } catch (RuntimeException refusal) {
            return new TaskResult.Refused<>(refusal);
        }
    }

    private static <R extends Serializable> List<R> given(List<TaskResult<R>> answers) {
        return answers.stream().map(TaskResult::get).toList();
    }
}
