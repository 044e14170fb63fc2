/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.spark;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.amend4j.app.cluster.Cluster;
import org.amend4j.app.data.BadInputException;
import org.amend4j.app.job.NumberedTasks;
import org.amend4j.app.job.Sentence;
import org.amend4j.app.job.Stopping;
import org.amend4j.graph.BlockPlace;
import org.amend4j.policy.SavedPolicy;
import org.amend4j.rollout.Rollouts;
import org.amend4j.spark.SentPolicy;
import org.amend4j.spark.SparkPlace;
import org.amend4j.spark.SparkRollouts;
import org.amend4j.spark.SparkTasks;
import org.amend4j.spark.TaskSource;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;

/** A connection to a Spark cluster. */
final class SparkCluster implements Cluster {

    /** Where the launcher says that the program's jars are, as folders; spark-submit sends them itself. */
    private static final String PROGRAM = "amend4j.executors";

    /** The release that this was built and tested with. */
    private static final String RELEASE = "4.1";

    /** Before Spark stops, whose own hook has 40 there. */
    private static final int BEFORE_SPARK = 100;

    private static final String STANDALONE = "spark://";
    private static final int REACH_MILLISECONDS = 5_000;

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final JavaSparkContext context;
    private final SparkPlace place;
    private final List<SparkRollouts> rollouts = new ArrayList<>();

    private SparkCluster(JavaSparkContext context) {
        this.context = context;
        this.place = new SparkPlace(context, Math.max(1, context.defaultParallelism()));
    }

    /**
     * Connects.
     *
     * @throws BadInputException if there is no such cluster, or it is of another release
     */
    static SparkCluster connect(String master, String job) {
        if (!org.apache.spark.package$.MODULE$.SPARK_VERSION().startsWith(RELEASE + ".")) {
            throw new BadInputException("--master needs Spark " + RELEASE + ", got "
                    + org.apache.spark.package$.MODULE$.SPARK_VERSION() + " on the class path");
        }
        requireReachable(master);
        try {
            SparkCluster cluster = new SparkCluster(new JavaSparkContext(SparkContext.getOrCreate(conf(master, job))));
            ShutdownHookManager.get().addShutdownHook(() -> Stopping.stopAll(PATIENCE), BEFORE_SPARK);
            return cluster;
        } catch (Exception unreachable) { // Scala's exceptions are not declared
            throw new BadInputException(
                    "--master " + master + " cannot be used: " + Sentence.of(unreachable), unreachable);
        }
    }

    /** Spark itself would try for a minute. */
    private static void requireReachable(String master) {
        for (String one : master.startsWith(STANDALONE)
                ? master.substring(STANDALONE.length()).split(",", -1)
                : new String[0]) {
            try (Socket socket = new Socket()) {
                URI uri = URI.create(STANDALONE + one);
                socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()), REACH_MILLISECONDS);
            } catch (IOException | IllegalArgumentException nobody) {
                throw new BadInputException(
                        "--master " + master + " cannot be reached: " + Sentence.of(nobody), nobody);
            }
        }
    }

    private static SparkConf conf(String master, String job) {
        SparkConf conf = new SparkConf().setMaster(master).setAppName(job);
        conf.setIfMissing("spark.ui.showConsoleProgress", "false");
        // the number of threads decides in which order sums are added up: executors have as many as this process
        conf.setIfMissing("spark.executorEnv.OMP_NUM_THREADS", System.getenv().getOrDefault("OMP_NUM_THREADS", "1"));
        conf.setIfMissing("spark.executorEnv.OMP_WAIT_POLICY", "PASSIVE");
        String program = System.getProperty(PROGRAM, "");
        if (!program.isEmpty() && !master.startsWith("local[")) {
            conf.setIfMissing("spark.jars", String.join(",", jars(program)));
        }
        return conf;
    }

    /** What executors need to run us; Spark sends it to them. */
    private static List<String> jars(String folders) {
        List<String> jars = new ArrayList<>();
        for (String folder : folders.split(File.pathSeparator, -1)) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of(folder), "*.jar")) {
                files.forEach(file -> jars.add(file.toUri().toString()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return jars;
    }

    @Override
    public BlockPlace blocks() {
        return place;
    }

    @Override
    public NumberedTasks tasks() {
        return new ClusterTasks(new SparkTasks(context, Integer.MAX_VALUE));
    }

    @Override
    public Rollouts rollouts(SavedPolicy policy, List<String> environments) {
        try {
            SparkRollouts made = SparkRollouts.of(
                    new SparkTasks(context, Integer.MAX_VALUE),
                    SentPolicy.of(policy),
                    environments.stream().distinct().map(TaskSource::of).toArray(TaskSource[]::new));
            rollouts.add(made);
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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

    @Override
    public void close() {
        rollouts.forEach(SparkRollouts::close);
        place.close();
        context.stop();
    }
}
