package org.amend4j.examples.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.examples.data.BadInputException;
import org.amend4j.examples.job.Progress;
import org.amend4j.examples.job.Report;
import org.amend4j.examples.policy.Algorithms;
import org.amend4j.examples.policy.TrainJob;
import org.amend4j.examples.policy.TrainWishes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a policy. */
@Command(
        name = "train",
        description = "Trains a policy by policy gradients. What is not given is chosen for the environment and the"
                + " algorithm. Interrupted, it goes on with --resume to the same bits.")
final class PolicyTrainCommand extends Job {

    @Option(
            names = "--env",
            paramLabel = "ID",
            required = true,
            description = "Environment, such as CartPole-v1 or 'CartPole-v1?halfLength=0.1&force=20'.")
    private String environment = "";

    @Option(
            names = "--algo",
            paramLabel = "NAME",
            required = true,
            description = "With a guarantee gpomdp or actor-critic, in practice reinforce, a2c or ppo.")
    private String algorithm = "";

    // --help lists the options in the order of these
    @Mixin
    private SeedOptions seeds = new SeedOptions();

    @Mixin
    private TuningOptions tuning = new TuningOptions();

    @Mixin
    private RunFolderOptions folder = new RunFolderOptions();

    @Mixin
    private BeginningOptions beginning = new BeginningOptions();

    @Override
    Computing computing() {
        return Computing.SMALL_NETWORKS;
    }

    @Override
    Report run(Progress progress) throws IOException, InterruptedException {
        TrainWishes wishes = wishes();
        Path out = folder.out().orElseGet(() -> TrainJob.usualFolder(wishes));
        return TrainJob.run(wishes, out, folder.resume(), Version.number(), progress);
    }

    private TrainWishes wishes() {
        if (!Algorithms.NAMES.contains(algorithm)) {
            throw new BadInputException(
                    "--algo must be one of " + String.join(", ", Algorithms.NAMES) + ", got '" + algorithm + "'");
        }
        return new TrainWishes(
                environment,
                algorithm,
                seeds.list(),
                tuning.steps(),
                tuning.hidden(),
                tuning.rate(),
                tuning.gamma(algorithm),
                tuning.horizon(),
                tuning.biasTolerance(),
                tuning.batch(),
                beginning.model(),
                beginning.adapterOf(),
                beginning.rank(),
                beginning.alpha(),
                folder.checkpointEvery());
    }
}
