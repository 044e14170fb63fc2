/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.Optional;
import org.amend4j.app.cluster.Cluster;
import org.amend4j.app.cluster.ClusterMaker;
import org.amend4j.app.job.Progress;
import org.amend4j.cuda.choice.Devices;
import org.amend4j.data.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a command computes what it can divide. */
final class MasterOption {

    /** With a cluster, if the user does not say. */
    static final int BLOCK_SIZE = 500;

    private static final String NONE = "none";

    /** What spark-submit sets. */
    private static final String SUBMITTED = "spark.master";

    @Option(
            names = "--master",
            paramLabel = "URL",
            description =
                    "Compute on a Spark cluster, with the same bits as here: spark://HOST:PORT, yarn, k8s://…, or local[N], N"
                            + " threads of this process; none for this process (default: this process, or where spark-submit says).",
            order = 97)
    private @Nullable String master;

    /**
     * Records a block, 0 for none.
     *
     * @param wanted by the user, if they say
     * @throws BadInputException if there are to be none with a cluster
     */
    int blockSize(@Nullable Integer wanted) {
        if (master().isEmpty()) {
            return wanted == null ? 0 : wanted;
        }
        return wanted == null ? BLOCK_SIZE : OptionRules.atLeast(1, "with --master, --block-size", wanted);
    }

    /** The cluster's address, if there is to be one. */
    Optional<String> master() {
        return Optional.ofNullable(master == null ? System.getProperty(SUBMITTED) : master)
                .filter(wanted -> !wanted.equals(NONE));
    }

    /**
     * Connects, if a cluster is wanted.
     *
     * @param job what the cluster's pages are to call it
     * @param device that the user asked for
     * @throws BadInputException if there is no such cluster, or a device was asked for, too
     */
    Cluster open(String job, Devices.Choice device, Progress progress) {
        if (master().isEmpty()) {
            return Cluster.here();
        }
        if (device == Devices.Choice.CUDA || device == Devices.Choice.EMULATED) {
            throw new BadInputException(
                    "--device must be auto or cpu with --master: executors compute on their processors");
        }
        return connected(job, progress);
    }

    /**
     * For jobs with work that executors can do on devices.
     *
     * @throws BadInputException if both a cluster and a card by its number are wanted: Spark assigns cards to tasks
     */
    void requireUnnumbered(Devices.Wanted device) {
        if (master().isPresent() && device.card() > 0) {
            throw new BadInputException(
                    "--device must be cuda, without a number, with --master: Spark says which card a"
                            + " task has, got " + device);
        }
    }

    /**
     * Connects to the cluster that is wanted.
     *
     * @param job what the cluster's pages are to call it
     * @throws BadInputException if there is no such cluster
     */
    Cluster connected(String job, Progress progress) {
        Cluster cluster = ClusterMaker.connect(master().orElseThrow(), job, progress::say);
        cluster.sentence().ifPresent(progress::say);
        return cluster;
    }
}
