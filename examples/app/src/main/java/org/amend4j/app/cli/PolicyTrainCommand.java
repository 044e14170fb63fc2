/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.amend4j.app.cluster.Cluster;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.policy.Algorithms;
import org.amend4j.app.policy.Surroundings;
import org.amend4j.app.policy.TrainJob;
import org.amend4j.app.policy.TrainingOptions;
import org.amend4j.app.policy.TrainingPlace;
import org.amend4j.data.BadInputException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a policy. */
@Command(
        name = "train",
        description = "Trains a policy by policy gradients. What is not given is chosen for the environment and the"
                + " algorithm. If interrupted, --resume continues bit-identically.")
final class PolicyTrainCommand extends Job {

    @Option(
            names = "--env",
            paramLabel = "ID",
            description = "Environment, such as CartPole-v1 or 'CartPole-v1?halfLength=0.1&force=20', or one of a real"
                    + " Gymnasium, such as gymnasium:HalfCheetah-v5.")
    private Optional<String> environment = Optional.empty();

    @Mixin
    private SurroundingsOptions elsewhere = new SurroundingsOptions();

    @Option(
            names = "--algo",
            paramLabel = "NAME",
            required = true,
            description =
                    "With a guarantee: gpomdp or actor-critic; in practice: reinforce, a2c or ppo; or one of your own that"
                            + " --class-path registers.")
    private String algorithm = "";

    // --help lists the options in the order of these
    @Mixin
    private SeedOptions seeds = new SeedOptions();

    @Mixin
    private TuningOptions tuning = new TuningOptions();

    @Mixin
    private PracticeOptions practice = new PracticeOptions();

    @Mixin
    private RunFolderOptions folder = new RunFolderOptions();

    @Mixin
    private EvaluationOptions evaluation = new EvaluationOptions();

    @Mixin
    private BeginningOptions beginning = new BeginningOptions();

    @Mixin
    private MasterOption master = new MasterOption();

    @Override
    Computing computing() {
        return Computing.SMALL_NETWORKS;
    }

    @Override
    Report run(Progress progress) throws IOException, InterruptedException {
        try (Surroundings surroundings = elsewhere.surroundings()) {
            TrainingOptions options = options(surroundings);
            if (master.master().isPresent() && !Surroundings.isOurs(options.environment())) {
                throw new BadInputException("--env must be an environment of this library with --master, got "
                        + options.environment() + ": executors have neither your Python nor your classes");
            }
            if (master.master().isPresent() && !Algorithms.NAMES.contains(algorithm)) {
                throw new BadInputException("--algo must be an algorithm of this library with --master, got "
                        + algorithm + ": executors have none of your classes");
            }
            Path out = folder.out().orElseGet(() -> TrainJob.usualFolder(options));
            try (Cluster cluster = master.open("amend4j policy train", device(), progress)) {
                TrainingPlace place = cluster.sentence().isEmpty()
                        ? TrainingPlace.HERE
                        : new ClusterTraining(
                                cluster,
                                new SentSeed(expandedWords(), SentSeed.here(), out.toAbsolutePath()),
                                progress);
                if (cluster.sentence().isPresent() && seeds.list().size() == 1 && !tuning.isDivided()) {
                    progress.say(
                            "Nothing of this training is divided: --rollout-batch N divides what is played, several --seeds"
                                    + " are trained at the same time.");
                }
                return TrainJob.run(options, seeds.list(), out, folder.resume(), Version.number(), place, progress);
            }
        }
    }

    /** Trains one of the seeds of a run that was begun, for another process. */
    JsonNode seed(long seed, Path out) throws IOException, InterruptedException {
        try (Surroundings surroundings = elsewhere.surroundings()) {
            return TrainJob.seed(options(surroundings), seeds.list(), seed, out, Progress.silent());
        }
    }

    private TrainingOptions options(Surroundings surroundings) {
        Algorithms.require(algorithm, surroundings);
        return new TrainingOptions(
                elsewhere
                        .environment(environment)
                        .orElseThrow(() ->
                                new BadInputException("an environment is missing: give --env ID or --env-class CLASS")),
                surroundings,
                algorithm,
                tuning.of(algorithm),
                practice.tuning(),
                beginning.of(),
                folder.checkpoints(),
                evaluation.choice());
    }
}
