/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.amend4j.app.forget.AdoptJob;
import org.amend4j.app.forget.ForgetfulFolder;
import org.amend4j.app.forget.ForgetfulNetwork;
import org.amend4j.app.forget.ForgettingSettings;
import org.amend4j.app.forget.ForgettingTrainReport;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.certificate.Digests;
import org.amend4j.data.BadInputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes over a model that something else trained. */
@Command(
        name = "adopt",
        description =
                "Takes over a Deeplearning4j network that something else trained by plain gradient descent, so that subjects can be"
                        + " forgotten: its recipe is replayed from each known point of the training to the next and compared. If"
                        + " all agree, DIR is what unlearn train would have made; if one does not, nothing is written. With --method"
                        + " converge a convex head is learned anew instead, however it was trained.")
final class UnlearnAdoptCommand extends Job {

    /** What of the network was trained. */
    enum Part {
        ALL,
        HEAD
    }

    @Parameters(paramLabel = "MODEL", description = "The trained ComputationGraph or MultiLayerNetwork zip, in DOUBLE.")
    private Path model = Path.of("");

    @Option(
            names = "--data",
            paramLabel = "CSV",
            required = true,
            description = "The table (.csv, .csv.gz) it was trained on, row by row.")
    private Path data = Path.of("");

    @Option(
            names = "--recipe",
            paramLabel = "FILE",
            description =
                    "How it was trained: recipe.json, as a FitRecorder writes it (docs/unlearning.md). Needed but with --method converge.")
    private @Nullable Path recipe;

    @Option(
            names = "--checkpoint",
            paramLabel = "STEP=FILE",
            description =
                    "The network after so many steps, 0 for the start; those that the recipe names need not be given. May be"
                            + " given several times.")
    private List<String> checkpoints = List.of();

    @Option(
            names = "--tolerance",
            paramLabel = "R",
            defaultValue = "0",
            description =
                    "How far a known point may be from its replay; chosen before the data is looked at. It enters every"
                            + " distance (default: ${DEFAULT-VALUE}, not a bit).")
    private double tolerance;

    @Option(
            names = "--reconstruct",
            paramLabel = "K",
            defaultValue = "0",
            description =
                    "Where nobody knows the start: invert the last K steps (default: a quarter). All that is made from that is"
                            + " EMPIRICAL and never certified.")
    private int reconstruct;

    @Option(
            names = "--train",
            defaultValue = "all",
            description = "${COMPLETION-CANDIDATES}: what was trained, everything in the network or its output layer"
                    + " (default: ${DEFAULT-VALUE}).")
    private Part part = Part.ALL;

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

    @Mixin
    private ConvergenceOptions convergence = new ConvergenceOptions();

    @Mixin
    private AdoptionOptions options = new AdoptionOptions();

    @Override
    Computing computing() {
        return Computing.DOUBLE_PRECISION;
    }

    @Override
    Report run(Progress progress) throws IOException, InterruptedException {
        Path secrets = keys == null ? ForgetfulOptions.keysOf(out) : keys;
        if (convergence.converges()) {
            return converged(secrets, progress);
        }
        convergence.requireReplay();
        if (recipe == null) {
            throw new BadInputException(
                    "--recipe is missing, which says how the model was trained; a convex head can be taken over"
                            + " without it by --method converge");
        }
        ForgettingSettings settings;
        try {
            settings = options.settings();
        } catch (IllegalArgumentException refused) {
            throw new BadInputException(Failures.sentence(refused), refused);
        }
        if (!(tolerance >= 0) || Double.isInfinite(tolerance)) {
            throw new BadInputException("--tolerance must be >= 0 and finite, got " + tolerance);
        }
        if (reconstruct < 0) {
            throw new BadInputException("--reconstruct must be >= 0, got " + reconstruct);
        }
        return new AdoptJob(new AdoptJob.Wish(
                        new AdoptJob.Trained(model, recipe, data, known()),
                        out,
                        secrets,
                        part == Part.HEAD,
                        tolerance,
                        reconstruct))
                .run(settings, progress);
    }

    private Report converged(Path secrets, Progress progress) throws IOException, InterruptedException {
        ForgettingSettings settings;
        ForgetfulNetwork network;
        try {
            settings = options.settings(
                    convergence.training(ofReplay()), Digests.of(model), convergence.what(part == Part.HEAD));
            network = ForgetfulNetwork.withoutWhatItLearned(model, part == Part.HEAD);
        } catch (IllegalArgumentException refused) {
            throw new BadInputException(Failures.sentence(refused), refused);
        }
        try (ForgetfulFolder folder = ForgetfulFolder.begin(out, secrets, data, network, settings)) {
            folder.train(progress);
            return ForgettingTrainReport.of(folder);
        }
    }

    private List<String> ofReplay() {
        List<String> given = new ArrayList<>();
        if (recipe != null) {
            given.add("--recipe");
        }
        if (!checkpoints.isEmpty()) {
            given.add("--checkpoint");
        }
        if (tolerance != 0) {
            given.add("--tolerance");
        }
        if (reconstruct != 0) {
            given.add("--reconstruct");
        }
        return given;
    }

    private Map<Integer, Path> known() {
        Map<Integer, Path> known = new TreeMap<>();
        for (String text : checkpoints) {
            int equals = text.indexOf('=');
            String step = equals < 0 ? "" : text.substring(0, equals);
            if (!step.matches("\\d{1,9}") || equals == text.length() - 1) {
                throw new BadInputException("--checkpoint must be STEP=FILE, got '" + text + "'");
            }
            if (known.put(Integer.valueOf(step), Path.of(text.substring(equals + 1))) != null) {
                throw new BadInputException("--checkpoint: step " + step + " is given twice");
            }
        }
        return known;
    }
}
