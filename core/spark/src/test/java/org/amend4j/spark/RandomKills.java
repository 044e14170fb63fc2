/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.amend4j.internal.model.SuppressForbidden;
import org.amend4j.objective.blocks.BlockedObjective;
import org.amend4j.spark.StandaloneCluster.Worker;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Steps on a cluster whose executors and workers are killed, each step compared with this process by bits: victims and times are random, but a
 * victim is always in the middle of a gradient, so that every kill loses a task. Not part of the tests: fifty kills take some
 * minutes, most of which new executors need to start.
 */
public final class RandomKills {

    private static final ClusterLaw LAW = ClusterLaw.DOUBLE;

    /** Long enough for a new executor to take part. */
    private static final int BETWEEN_KILLS = 8000;

    private final StandaloneCluster cluster;
    private final Random random;
    private final AtomicInteger executors = new AtomicInteger();
    private final AtomicInteger workers = new AtomicInteger();

    private RandomKills(StandaloneCluster cluster, long seed) {
        this.cluster = cluster;
        this.random = new Random(seed);
    }

    /**
     * Prints what happened.
     *
     * @param arguments the number of kills, 50 if it is not said, and a seed
     */
    public static void main(String[] arguments) throws Exception {
        int kills = arguments.length < 1 ? 50 : Integer.parseInt(arguments[0]);
        long seed = arguments.length < 2 ? 1 : Long.parseLong(arguments[1]);
        int status;
        try (StandaloneCluster cluster = StandaloneCluster.start(3)) {
            status = new RandomKills(cluster, seed).run(kills, cluster.folder().resolve("blocks")) ? 0 : 1;
        }
        System.exit(status);
    }

    private boolean run(int kills, Path folder) throws IOException, InterruptedException {
        FailedTasks failed = new FailedTasks();
        BlockFolder blocks = LAW.problem().written(folder, LAW.settings());
        BlockedObjective local = LAW.problem().local(LAW.settings());
        int steps = 0;
        int aborted = 0;
        int wrong = 0;
        try (JavaSparkContext context = new JavaSparkContext(StandaloneCluster.settings(cluster.url()));
                SparkBlocks sums = LAW.problem().spark(context, blocks, LAW.settings(), 6)) {
            context.sc().addSparkListener(failed);
            BlockedObjective spark = ClusterProblem.objective(sums);
            Thread killer = new Thread(() -> IntStream.range(0, kills).forEach(kill -> kill()), "killer");
            killer.start();
            double[] theta = sums.parameters();
            while (killer.isAlive()) {
                double[] expected = gradient(local, theta);
                try {
                    wrong += Arrays.equals(expected, gradient(spark, theta)) ? 0 : 1;
                    IntStream.range(0, theta.length).forEach(i -> theta[i] -= 0.1 * expected[i]);
                    steps++;
                } catch (IllegalStateException e) {
                    say("aborted: " + e.getMessage().lines().findFirst().orElse(""));
                    aborted++;
                }
            }
            killer.join();
        }
        say(executors + " executors and " + workers + " workers killed during " + steps + " steps: "
                + failed.lost() + " tasks lost, " + aborted + " steps given up by Spark and made again, " + wrong
                + " steps with other bits");
        return wrong == 0 && executors.get() + workers.get() == kills && failed.lost() >= kills;
    }

    private static double[] gradient(BlockedObjective objective, double[] theta) {
        double[] gradient = new double[theta.length + 1];
        double[] only = new double[theta.length];
        gradient[theta.length] = objective.valueAndGradient(theta, only);
        System.arraycopy(only, 0, gradient, 0, theta.length);
        return gradient;
    }

    private void kill() {
        List<Worker> running = cluster.workers();
        Worker worker = running.get(random.nextInt(running.size()));
        try {
            Thread.sleep(random.nextInt(BETWEEN_KILLS));
            worker.gate().close();
            worker.gate().awaitSomebody();
            List<ProcessHandle> held = worker.executors();
            if (random.nextInt(3) == 0) {
                worker.kill();
                worker.process().waitFor();
                workers.incrementAndGet();
                cluster.add(1, Map.of());
            } else {
                worker.killExecutor();
                executors.incrementAndGet();
            }
            held.forEach(executor -> executor.onExit().join());
            worker.gate().open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @SuppressForbidden("a program, not a test, which prints")
    private static void say(String line) {
        System.out.println(line);
    }
}
