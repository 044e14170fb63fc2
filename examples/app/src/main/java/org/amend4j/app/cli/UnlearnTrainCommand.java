/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.amend4j.app.cluster.Cluster;
import org.amend4j.app.forget.ForgetfulFolder;
import org.amend4j.app.forget.ForgetfulNetwork;
import org.amend4j.app.forget.ForgettingSettings;
import org.amend4j.app.forget.ForgettingTrainReport;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.job.Stopping;
import org.amend4j.certificate.Digests;
import org.amend4j.data.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Trains a model that can forget. */
@Command(
        name = "train",
        description =
                "Trains a Deeplearning4j network, its output layer or an adapter on a table so that subjects can be"
                        + " forgotten later: plain gradient descent from where the network is, with encrypted checkpoints, or"
                        + " Newton steps until the gradient is small."
                        + " Networks of which nothing is proved are refused by name. If interrupted, the same command resumes.")
final class UnlearnTrainCommand extends Job {

    /** What of the network learns. */
    enum Part {
        ALL,
        HEAD,
        LORA
    }

    @Parameters(paramLabel = "MODEL", description = "A ComputationGraph or MultiLayerNetwork zip, in DOUBLE.")
    private Path model = Path.of("");

    @Option(names = "--data", paramLabel = "CSV", required = true, description = "A table (.csv, .csv.gz).")
    private Path data = Path.of("");

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "Where everything but keys and data goes.")
    private Path out = Path.of("");

    @Option(
            names = "--keys",
            paramLabel = "DIR",
            description = "Where the keys go, for their owner alone; never inside of --out, and best on another medium"
                    + " (default: DIR-keys beside --out).")
    private @Nullable Path keys;

    @Option(
            names = "--train",
            defaultValue = "all",
            description =
                    "${COMPLETION-CANDIDATES}: everything in the network; its output layer; or a fresh adapter on the"
                            + " output layer, of which only B learns (default: ${DEFAULT-VALUE}).")
    private Part part = Part.ALL;

    @Option(names = "--adapter", paramLabel = "DIR", description = "Train this saved adapter instead.")
    private @Nullable Path adapter;

    @Option(
            names = "--rank",
            paramLabel = "R",
            defaultValue = "4",
            description = "Rank of a fresh adapter (default: ${DEFAULT-VALUE}).")
    private int rank;

    @Option(
            names = "--alpha",
            paramLabel = "A",
            defaultValue = "8",
            description = "Its scaling is alpha/rank (default: ${DEFAULT-VALUE}).")
    private double alpha;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Public seed of its factor A (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--to-double", description = "Convert a network in lower precision to DOUBLE.")
    private boolean toDouble;

    @Mixin
    private LearningOptions learning = new LearningOptions();

    @Mixin
    private MasterOption master = new MasterOption();

    @Override
    Computing computing() {
        return Computing.DOUBLE_PRECISION;
    }

    @Override
    Report run(Progress progress) throws IOException, InterruptedException {
        ForgetfulNetwork network;
        ForgettingSettings wish;
        try {
            network = network();
            wish = learning.settings(Digests.of(model), what(), master);
        } catch (IllegalArgumentException refused) {
            throw new BadInputException(Failures.sentence(refused), refused);
        }
        Models.sayLeftOut(model, progress);
        Path secrets = keys == null ? ForgetfulOptions.keysOf(out) : keys;
        try (Stopping stopping = Stopping.saying(this::howToGoOn);
                Cluster cluster = master.open("amend4j unlearn train", device(), progress);
                ForgetfulFolder folder =
                        ForgetfulFolder.begin(out, secrets, data, network.at(cluster.blocks()), wish)) {
            folder.foresight().ifPresent(progress::say);
            folder.train(progress);
            return ForgettingTrainReport.of(folder);
        }
    }

    private Optional<String> howToGoOn() {
        return Files.exists(out)
                ? Optional.of("What is done is in " + out + ": continue with the same command.")
                : Optional.empty();
    }

    private ForgetfulNetwork network() {
        ForgetfulNetwork whole = ForgetfulNetwork.whole(model, toDouble);
        if (adapter != null) {
            if (part != Part.ALL) {
                throw new BadInputException("--adapter and --train cannot go together");
            }
            return whole.withAdapter(adapter);
        }
        return switch (part) {
            case ALL -> whole;
            case HEAD -> whole.withHead();
            case LORA -> whole.withAdapter(rank, alpha, seed);
        };
    }

    private String what() throws IOException {
        if (adapter != null) {
            return "adapter " + Digests.ofFolder(adapter);
        }
        return part == Part.LORA ? "lora, rank " + rank + ", alpha " + alpha + ", seed " + seed : part.name();
    }
}
