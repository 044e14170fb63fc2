/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.amend4j.graph.BlockSettings;
import org.amend4j.internal.model.SuppressForbidden;
import org.amend4j.objective.blocks.BlockRule;
import org.amend4j.objective.blocks.BlockedObjective;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * What a step costs on a standalone cluster of this machine with 1, 2 and 4 executors of one core, beside the same step in this process
 * and its floor: that step's time divided among the executors that have a processor, and jobs of the same tasks that get θ,
 * compute nothing and send an array as long as a gradient each. Warms up for long, since Spark's code is
 * large and runs once a step: after a hundred steps compilers still take a third of two processors' time.
 */
public final class StepBenchmark {

    private static final ClusterProblem PROBLEM = new ClusterProblem(DataType.FLOAT, 784, 256, 3, 16_384);
    private static final BlockSettings SETTINGS = BlockSettings.of(new BlockRule.Ranges(512), 512);
    private static final int TASKS_AN_EXECUTOR = 2;
    private static final int WARM_UP = 800;

    /** One way to make a step, or to make none. */
    @FunctionalInterface
    private interface Contender {
        void step();
    }

    private StepBenchmark() {}

    /**
     * Measures and prints.
     *
     * @param arguments timed rounds, 21 if they are not said
     */
    public static void main(String[] arguments) throws IOException {
        int rounds = arguments.length < 1 || arguments[0].equals("default") ? 21 : Integer.parseInt(arguments[0]);
        BlockedObjective local = PROBLEM.local(SETTINGS);
        say(local.dimension() + " parameters, " + local.records().size() + " records in "
                + local.blocks().blocks().size() + " blocks, " + TASKS_AN_EXECUTOR + " tasks an executor; medians of "
                + rounds
                + " rounds in milliseconds");
        say("");
        say(
                "| executors | step | in one process | without arithmetic | without gradients either | floor | step ÷ floor |");
        say("|---|---|---|---|---|---|---|");
        for (int executors : new int[] {1, 2, 4}) {
            say("| " + executors + " | " + measured(executors, rounds, local) + " |");
        }
        System.exit(0);
    }

    private static String measured(int executors, int rounds, BlockedObjective local) throws IOException {
        int tasks = TASKS_AN_EXECUTOR * executors;
        try (StandaloneCluster cluster = StandaloneCluster.start(executors);
                JavaSparkContext context = new JavaSparkContext(StandaloneCluster.settings(cluster.url())
                        // the whole compiler, as executors of a run have it
                        .set("spark.executor.extraJavaOptions", "-XX:+UseSerialGC"))) {
            BlockFolder blocks = PROBLEM.written(cluster.folder().resolve("blocks"), SETTINGS);
            return measured(context, blocks, rounds, tasks, local);
        }
    }

    private static String measured(
            JavaSparkContext context, BlockFolder blocks, int rounds, int tasks, BlockedObjective local)
            throws IOException {
        try (SparkBlocks sums = PROBLEM.spark(context, blocks, SETTINGS, tasks)) {
            BlockedObjective spark = ClusterProblem.objective(sums);
            double[] theta = sums.parameters();
            double[] gradient = new double[theta.length];
            List<Long> numbers = LongStream.of(blocks.numbers()).boxed().toList();
            JavaRDD<Long> places = context.parallelize(numbers, tasks).cache();
            Map<String, Contender> contenders = new LinkedHashMap<>();
            contenders.put("step", () -> spark.valueAndGradient(theta, gradient));
            contenders.put("local", () -> local.valueAndGradient(theta, gradient));
            contenders.put("gradients", () -> empty(context, places, theta, theta.length));
            contenders.put("nothing", () -> empty(context, places, theta, 0));
            return row(medians(rounds, contenders), Math.min(tasks / TASKS_AN_EXECUTOR, processors()));
        }
    }

    private static String row(Map<String, Double> medians, int atOnce) {
        double floor = medians.get("local") / atOnce + medians.get("gradients");
        return Stream.concat(medians.values().stream(), Stream.of(floor, medians.get("step") / floor))
                .map(value -> String.format(Locale.ROOT, "%.2f", value))
                .collect(Collectors.joining(" | "));
    }

    private static int processors() {
        return Runtime.getRuntime().availableProcessors();
    }

    /** Sends θ, runs a job of the same tasks, and receives an array from each. */
    private static void empty(JavaSparkContext context, JavaRDD<Long> places, double[] theta, int length) {
        Broadcast<double[]> at = context.broadcast(theta);
        places.mapPartitions(some -> List.of(Arrays.copyOf(at.value(), length)).iterator())
                .collect();
        at.destroy();
    }

    /** Contenders take turns. */
    private static Map<String, Double> medians(int rounds, Map<String, Contender> contenders) {
        Map<String, double[]> times = new LinkedHashMap<>();
        contenders.keySet().forEach(name -> times.put(name, new double[rounds]));
        for (int round = -WARM_UP; round < rounds; round++) {
            for (Map.Entry<String, Contender> contender : contenders.entrySet()) {
                long begin = System.nanoTime();
                contender.getValue().step();
                if (round >= 0) {
                    times.get(contender.getKey())[round] = (System.nanoTime() - begin) / 1e6;
                }
            }
        }
        Map<String, Double> medians = new LinkedHashMap<>();
        times.forEach((name, some) -> medians.put(name, median(some)));
        return medians;
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    @SuppressForbidden("a program, not a test, which prints")
    private static void say(String line) {
        System.out.println(line);
    }
}
