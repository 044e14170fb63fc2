/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
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
     * Writes what every law answers, then descends, and closes the gate after some steps.
     *
     * @param arguments a master, a folder, and after how many steps
     */
    static void run(String[] arguments) throws IOException {
        Path folder = Path.of(arguments[1]);
        int last = Integer.parseInt(arguments[2]);
        try (JavaSparkContext context = new JavaSparkContext(StandaloneCluster.settings(arguments[0]))) {
            for (ClusterLaw law : ClusterLaw.values()) {
                Files.write(folder.resolve(law.name()), bytes(answers(context, folder.resolve("of-" + law), law, 3)));
            }
            descend(context, folder, steps -> {
                if (steps == last) {
                    Gate.here().close();
                }
            });
        }
        System.exit(0);
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
        DescentOptions options =
                new DescentOptions(STEPS, 0, CheckpointSchedule.every(1), record -> observer.made(record.step() + 1));
        try (FileTrajectoryStore store =
                FileTrajectoryStore.open(run, objective.fingerprint(), objective.dimension())) {
            return new GradientDescent(objective, StepRule.Armijo.of(1), options)
                    .run(ClusterLaw.DOUBLE.problem().start(), store);
        }
    }
}
