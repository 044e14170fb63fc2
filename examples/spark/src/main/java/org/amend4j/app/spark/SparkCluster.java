/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.amend4j.app.cluster.Cluster;
import org.amend4j.app.cluster.TaskDevice;
import org.amend4j.app.job.NumberedTasks;
import org.amend4j.app.job.Sentence;
import org.amend4j.app.job.Stopping;
import org.amend4j.cuda.choice.Devices;
import org.amend4j.data.BadInputException;
import org.amend4j.graph.BlockPlace;
import org.amend4j.policy.SavedPolicy;
import org.amend4j.rollout.Rollouts;
import org.amend4j.spark.SentPolicy;
import org.amend4j.spark.SparkPlace;
import org.amend4j.spark.SparkRollouts;
import org.amend4j.spark.SparkTasks;
import org.amend4j.spark.TaskCard;
import org.amend4j.spark.TaskSource;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.api.java.JavaSparkContext;

/** A connection to a Spark cluster. */
final class SparkCluster implements Cluster {

    /** The release that this was built and tested with. */
    private static final String RELEASE = "4.1";

    /** Priority of our hook: it runs before Spark stops, and Spark's own hook has the priority 40. */
    private static final int BEFORE_SPARK = 100;

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** What this process has begun is put on disk while there still is a cluster. All are equal, so that one is kept. */
    private record Stop() implements Runnable {

        @Override
        public void run() {
            Stopping.stopAll(PATIENCE);
        }
    }

    private final JavaSparkContext context;
    private final SparkPlace place;

    private SparkCluster(JavaSparkContext context) {
        this.context = context;
        this.place = new SparkPlace(context, Math.max(1, context.defaultParallelism()));
    }

    /**
     * Connects.
     *
     * @param news is told when all executors are lost, and when there are some again
     * @throws BadInputException if there is no such cluster, or it is of another release
     */
    static SparkCluster connect(String master, String job, Consumer<String> news) {
        if (!org.apache.spark.package$.MODULE$.SPARK_VERSION().startsWith(RELEASE + ".")) {
            throw new BadInputException("--master needs Spark " + RELEASE + ", got "
                    + org.apache.spark.package$.MODULE$.SPARK_VERSION() + " on the class path");
        }
        MasterAddress.requireReachable(master);
        JavaSparkContext context = started(master, job);
        try {
            Executors.await(context);
            if (Executors.areKept(context)) {
                context.sc()
                        .addSparkListener(new LostExecutors(
                                () -> context.sc().getExecutorIds().size(), news));
            }
            ShutdownHookManager.get().addShutdownHook(new Stop(), BEFORE_SPARK);
            return new SparkCluster(context);
        } catch (InterruptedException e) {
            stop(context);
            Thread.currentThread().interrupt();
            throw new BadInputException("--master " + master + ": interrupted before there were executors", e);
        } catch (RuntimeException e) {
            stop(context);
            throw e;
        }
    }

    private static JavaSparkContext started(String master, String job) {
        // Spark's pages and event logs show it, with the names of those who are to be forgotten
        System.setProperty("sun.java.command", job);
        try {
            return new JavaSparkContext(ClusterSettings.of(master, job));
        } catch (Exception unusable) { // Scala's exceptions are not declared
            String advice = MasterAddress.isManaged(master) ? " (yarn and k8s need Spark's own spark-submit)" : "";
            throw new BadInputException(
                    "--master " + master + " cannot be used: " + Sentence.of(unusable) + advice, unusable);
        }
    }

    @Override
    public BlockPlace blocks() {
        return (graph, settings, records) -> refusing(() -> place.sums(graph, settings, records));
    }

    @Override
    public NumberedTasks tasks() {
        return new ClusterTasks(undivided());
    }

    /** A task for every piece of work. */
    private SparkTasks undivided() {
        return new SparkTasks(context, Integer.MAX_VALUE);
    }

    /** What executors refuse, other kernels for instance, is the user's to set right. */
    static <T> T refusing(Supplier<T> work) {
        try {
            return work.get();
        } catch (IllegalArgumentException refused) {
            throw new BadInputException(Sentence.of(refused), refused);
        }
    }

    @Override
    public Rollouts rollouts(SavedPolicy policy, List<String> environments) {
        try {
            return new ClusterRollouts(SparkRollouts.of(
                    undivided(),
                    SentPolicy.of(policy),
                    environments.stream().distinct().map(TaskSource::of).toArray(TaskSource[]::new)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public TaskDevice device(Devices.Wanted wanted) {
        if (wanted.choice() == Devices.Choice.CUDA) {
            try {
                TaskCard.requireAssigned(context.getConf());
            } catch (IllegalArgumentException none) {
                throw new BadInputException("--device " + wanted + " with --master: " + none.getMessage(), none);
            }
            return () -> new Devices.Wanted(Devices.Choice.CUDA, TaskCard.ordinal());
        }
        Devices.Wanted other = wanted.choice() == Devices.Choice.AUTO ? Devices.Wanted.of(Devices.Choice.CPU) : wanted;
        return () -> other;
    }

    @Override
    public Optional<String> sentence() {
        return Optional.of(String.format(
                Locale.ROOT,
                "On Spark %s at %s, %d tasks at a time%s.",
                context.version(),
                context.master(),
                context.defaultParallelism(),
                context.sc().uiWebUrl().map(url -> "; its pages are at " + url).getOrElse(() -> "")));
    }

    /** Works also if the cluster is gone already: then nothing is kept. */
    @Override
    public void close() {
        stop(context);
    }

    /** On a thread of its own: Spark leaves half of itself behind on one that is interrupted. */
    private static void stop(JavaSparkContext context) {
        CompletableFuture.runAsync(context::stop, task -> new Thread(task, "amend4j leaves Spark").start())
                .join();
    }
}
