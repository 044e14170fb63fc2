/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.descent.DescentOptions;
import org.amend4j.descent.DescentResult;
import org.amend4j.descent.FileTrajectoryStore;
import org.amend4j.descent.GradientDescent;
import org.amend4j.descent.StepRule;
import org.amend4j.objective.blocks.BlockedObjective;
import org.apache.spark.api.java.JavaSparkContext;

/** A driver in a process of its own, so that it can be killed, or have a master that needs an environment. */
final class ClusterDriver {

    /** Steps of the run. */
    static final int STEPS = 8;

    private ClusterDriver() {}

    /**
     * Does one thing on a cluster.
     *
     * @param arguments {@code laws MASTER FOLDER}: writes {@code answers} of all laws; {@code descend MASTER FOLDER GATE STEP}: descends
     *     and closes the gate after so many steps
     */
    static void main(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[2]);
        try (JavaSparkContext context = new JavaSparkContext(StandaloneCluster.settings(arguments[1]))) {
            if (arguments[0].equals("laws")) {
                laws(context, folder);
            } else {
                Gate gate = new Gate(Path.of(arguments[3]));
                int last = Integer.parseInt(arguments[4]);
                descend(context, folder, steps -> {
                    if (steps == last) {
                        gate.close();
                    }
                });
            }
        }
        System.exit(0);
    }

    private static void laws(JavaSparkContext context, Path folder) throws IOException {
        for (ClusterLaw law : ClusterLaw.values()) {
            for (int tasks : ClusterLaw.TASKS) {
                Files.write(folder.resolve(name(law, tasks)), bytes(answers(context, folder.resolve("blocks-" + law), law, tasks)));
            }
        }
    }

    /** The file of a law's answers. */
    static String name(ClusterLaw law, int tasks) {
        return String.format(Locale.ROOT, "%s-%d", law, tasks);
    }

    /** A law's answers on a cluster. */
    static double[] answers(JavaSparkContext context, Path blocks, ClusterLaw law, int tasks) throws IOException {
        BlockFolder written = law.problem().written(blocks, law.settings());
        try (SparkBlocks sums = law.problem().spark(context, written, law.settings(), tasks)) {
            return law.answers(ClusterProblem.objective(sums));
        }
    }

    /** Big-endian. */
    static byte[] bytes(double[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * values.length);
        Arrays.stream(values).forEach(bytes::putDouble);
        return bytes.array();
    }

    /** Told of steps. */
    @FunctionalInterface
    interface Observer {
        void made(int steps);
    }

    /** Begins or resumes the run in a folder. */
    static DescentResult descend(JavaSparkContext context, Path folder, Observer observer) throws IOException {
        ClusterLaw law = ClusterLaw.DOUBLE;
        BlockFolder written = law.problem().written(folder.resolve("blocks"), law.settings());
        try (SparkBlocks sums = law.problem().spark(context, written, law.settings(), 3)) {
            return descend(ClusterProblem.objective(sums), folder.resolve("run"), observer);
        }
    }

    /** Begins or resumes a run. */
    static DescentResult descend(BlockedObjective objective, Path run, Observer observer) throws IOException {
        DescentOptions options = new DescentOptions(
                STEPS, 0, CheckpointSchedule.every(1), record -> observer.made(record.step() + 1));
        try (FileTrajectoryStore store =
                FileTrajectoryStore.open(run, objective.fingerprint(), objective.dimension())) {
            return new GradientDescent(objective, StepRule.Armijo.of(1), options)
                    .run(ClusterLaw.DOUBLE.problem().start(), store);
        }
    }
}
