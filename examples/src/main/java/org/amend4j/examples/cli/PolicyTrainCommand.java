package org.amend4j.examples.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.amend4j.examples.data.BadInputException;
import org.amend4j.examples.job.Progress;
import org.amend4j.examples.job.Report;
import org.amend4j.examples.policy.TrainJob;
import org.amend4j.examples.policy.TrainWishes;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Trains a policy. */
@Command(
        name = "train",
        description = "Trains a policy by policy gradients. What is not given is chosen for the environment and the"
                + " algorithm. Interrupted, it goes on with --resume to the same bits.")
final class PolicyTrainCommand extends Job {

    private static final List<String> ALGORITHMS = List.of("gpomdp", "actor-critic", "reinforce", "a2c", "ppo");
    private static final int MOST_SEEDS = 1_000;

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

    @Option(names = "--seed", paramLabel = "N", description = "Root of all random numbers (default: 1).")
    private @Nullable Long seed;

    @Option(names = "--seeds", paramLabel = "N..M", description = "One run for each of these seeds.")
    private String seeds = "";

    @Option(names = "--steps", paramLabel = "N", description = "Environment steps of a run, at most.")
    private @Nullable Long steps;

    @Option(
            names = "--hidden",
            paramLabel = "N,N",
            description = "Widths of the hidden layers of a new network, or none.")
    private @Nullable String hidden;

    @Option(
            names = "--learning-rate",
            paramLabel = "RATE",
            description = "Step size; of schedules, the first (adapters: twice the usual).")
    private @Nullable Double rate;

    @Option(names = "--gamma", paramLabel = "G", description = "Discount.")
    private @Nullable Double gamma;

    @Option(names = "--horizon", paramLabel = "H", description = "Of gpomdp: trajectories are cut off after H steps.")
    private @Nullable Integer horizon;

    @Option(
            names = "--bias-tolerance",
            paramLabel = "EPS",
            description = "Of gpomdp: the least H whose cut-off changes the gradient by at most this.")
    private @Nullable Double tolerance;

    @Option(
            names = "--batch",
            paramLabel = "N",
            description =
                    "Trajectories (gpomdp), pairs (actor-critic), episodes (reinforce), or steps of each environment"
                            + " (a2c, ppo) for an update.")
    private @Nullable Integer batch;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where policies, checkpoints, metrics, report and chart go (default:"
                    + " amend4j-out/policy-train/ENV-ALGO).")
    private @Nullable Path out;

    @Option(
            names = "--checkpoint-every",
            paramLabel = "N",
            defaultValue = "50",
            description = "Updates between checkpoints (default: ${DEFAULT-VALUE}).")
    private int checkpointEvery;

    @Option(names = "--resume", description = "Go on with the run in --out.")
    private boolean resume;

    @Option(names = "--model", paramLabel = "ZIP", description = "Begin with this ComputationGraph.")
    private @Nullable Path model;

    @Option(
            names = "--adapter-of",
            paramLabel = "DIR",
            description = "Begin with this saved policy and train an adapter on its dense layers only.")
    private @Nullable Path adapterOf;

    @Option(
            names = "--rank",
            paramLabel = "R",
            defaultValue = "1",
            description = "Rank of the adapter (default: ${DEFAULT-VALUE}).")
    private int rank;

    @Option(
            names = "--alpha",
            paramLabel = "A",
            description = "Numerator of its scaling alpha/rank (default: the rank).")
    private @Nullable Double alpha;

    @Override
    Computing computing() {
        return Computing.SMALL_NETWORKS;
    }

    @Override
    Report run(Progress progress) throws IOException, InterruptedException {
        TrainWishes wishes = wishes();
        Path folder = out == null ? TrainJob.usualFolder(wishes) : out;
        return TrainJob.run(wishes, folder, resume, Version.number(), progress);
    }

    private TrainWishes wishes() {
        if (!ALGORITHMS.contains(algorithm)) {
            throw new BadInputException(
                    "--algo must be one of " + String.join(", ", ALGORITHMS) + ", got '" + algorithm + "'");
        }
        return new TrainWishes(
                environment,
                algorithm,
                seedList(),
                steps == null ? OptionalLong.empty() : OptionalLong.of(Options.atLeastOne("--steps", steps)),
                Optional.ofNullable(hidden).map(PolicyTrainCommand::widths),
                Optional.ofNullable(rate).map(value -> Options.positive("--learning-rate", value)),
                Optional.ofNullable(gamma).map(this::discount),
                integer("--horizon", horizon),
                Optional.ofNullable(tolerance).map(value -> Options.positive("--bias-tolerance", value)),
                integer("--batch", batch),
                Optional.ofNullable(model),
                Optional.ofNullable(adapterOf),
                Options.atLeast(1, "--rank", rank),
                Optional.ofNullable(alpha).map(value -> Options.positive("--alpha", value)),
                Options.atLeast(1, "--checkpoint-every", checkpointEvery));
    }

    private static OptionalInt integer(String option, @Nullable Integer value) {
        return value == null ? OptionalInt.empty() : OptionalInt.of(Options.atLeast(1, option, value));
    }

    /** Practice mode may do without a discount. */
    private double discount(double value) {
        boolean one = value == 1 && !algorithm.equals("gpomdp") && !algorithm.equals("actor-critic");
        return one ? value : Options.insideUnit("--gamma", value);
    }

    private List<Long> seedList() {
        if (seeds.isEmpty()) {
            return List.of(seed == null ? 1L : seed);
        }
        if (seed != null) {
            throw new BadInputException("--seed and --seeds exclude each other: give one of them");
        }
        if (!seeds.matches("\\d{1,18}\\.\\.\\d{1,18}")) {
            throw new BadInputException("--seeds must be N..M, such as 1..5, got '" + seeds + "'");
        }
        long[] ends = Arrays.stream(seeds.split("\\.\\.", -1))
                .mapToLong(Long::parseLong)
                .toArray();
        if (ends[1] < ends[0] || ends[1] - ends[0] >= MOST_SEEDS) {
            throw new BadInputException("--seeds must be 1 to " + MOST_SEEDS + " seeds, got '" + seeds + "'");
        }
        return LongStream.rangeClosed(ends[0], ends[1]).boxed().toList();
    }

    private static List<Integer> widths(String text) {
        if (text.equals("none")) {
            return List.of();
        }
        if (!text.matches("[1-9]\\d{0,4}(,[1-9]\\d{0,4})*")) {
            throw new BadInputException(
                    "--hidden must be widths in [1, 99999], such as 64,64, or none, got '" + text + "'");
        }
        return Arrays.stream(text.split(",", -1)).map(Integer::valueOf).toList();
    }
}
