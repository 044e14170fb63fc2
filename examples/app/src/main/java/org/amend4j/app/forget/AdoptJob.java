/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.amend4j.app.files.Destination;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.certificate.Digests;
import org.amend4j.data.BadInputException;
import org.amend4j.internal.model.Configurations;
import org.amend4j.internal.model.Networks;
import org.amend4j.recording.PlainSgd;
import org.amend4j.recording.RecipeFile;
import org.amend4j.recording.RecordedRecipe;
import org.amend4j.recording.RecordedRecipe.Start;
import org.amend4j.unlearn.MemoryVault;
import org.amend4j.unlearn.Replay;
import org.amend4j.unlearn.Replay.Comparison;
import org.amend4j.unlearn.RewindToDelete;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Takes over a model that something else trained by plain gradient descent: its recipe is replayed from each known point of
 * the training to the next, and the result is compared with it.
 */
public final class AdoptJob {

    private final Wish wish;

    /**
     * What is to be adopted.
     *
     * @param trained what there is
     * @param out where everything but keys and data goes
     * @param keys where keys go
     * @param head whether the output layer alone was trained
     * @param tolerance how far a known point may be from its replay
     * @param reconstruct how many steps are reconstructed where the start is not known; 0: a quarter
     */
    public record Wish(Trained trained, Path out, Path keys, boolean head, double tolerance, int reconstruct) {}

    /**
     * What something else trained.
     *
     * @param model the network
     * @param recipe how it was trained
     * @param data on what
     * @param checkpoints known points by step, besides those that the recipe names
     */
    public record Trained(Path model, Path recipe, Path data, Map<Integer, Path> checkpoints) {}

    public AdoptJob(Wish wish) {
        this.wish = wish;
    }

    /**
     * Replays, compares, and makes the folder if all points agree.
     *
     * @param settings table, limits and promise are used; the training is the recipe's
     * @throws BadInputException if a point does not agree, naming its step and distance, or something else is in the way;
     *     nothing is written then
     */
    public Report run(ForgettingSettings settings, Progress progress) throws IOException {
        if (SettingsFile.isIn(wish.out())) {
            // one that was interrupted goes on
            ForgetfulFolder.open(wish.out(), wish.keys(), wish.trained().data()).requireUntrained();
        } else {
            Destination.somethingNew("--out", wish.out());
        }
        RecordedRecipe recipe = recipe();
        ComputationGraph trained = read("MODEL", wish.trained().model());
        requireDecay(recipe, trained);
        ForgetfulNetwork end = part(trained, wish.trained().model());
        NavigableMap<Integer, double[]> known = known(recipe, end);
        Adoption adoption = Adoption.of(recipe, Digests.of(wish.trained().model()));
        if (!known.containsKey(0) && recipe.start() instanceof Start.Unknown) {
            return new ReconstructJob(wish).run(settings, end, known, adoption, progress);
        }
        ForgetfulNetwork start = start(recipe, trained, end);
        known.put(0, start.parameters());
        try {
            SubjectTable table = SubjectTable.read(wish.trained().data(), settings.table(), start.configuration());
            ForgettingSettings asked = settings.training(recipe, table);
            requireRows(wish, recipe, table);
            if (wish.tolerance() > 0 && recipe.batches().isPresent()) {
                throw new BadInputException(
                        "--tolerance goes with full batches alone: with recorded ones every bit must agree");
            }
            RewindToDelete run = Assembly.of(asked, start, table, new byte[32], Optional.of(adoption))
                    .model()
                    .run();
            return adopt(asked, start, run, known, adoption, progress);
        } catch (IllegalArgumentException refused) {
            throw ForgetfulFolder.badInput(refused);
        }
    }

    private Report adopt(
            ForgettingSettings asked,
            ForgetfulNetwork start,
            RewindToDelete run,
            NavigableMap<Integer, double[]> known,
            Adoption adoption,
            Progress progress)
            throws IOException {
        try (MemoryVault trajectory = new MemoryVault(run.objective().dimension())) {
            long begin = System.nanoTime();
            NavigableMap<Integer, Comparison> compared;
            try (Progress.Stage stage = progress.stage("replaying", run.recipe().steps() + 1)) {
                compared = new Replay(run).compare(known, trajectory, ForgetfulFolder.listener(stage));
                compared.values().forEach(this::requireAgreement);
                stage.reach(run.recipe().steps() + 1);
            } catch (ArithmeticException diverged) {
                throw new BadInputException("the replay of the recipe diverges: " + diverged.getMessage(), diverged);
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            Adoption agreed = adoption.compared(compared.keySet(), wish.tolerance());
            ForgettingSettings settled = asked.adopting(
                    agreed.what(wish.head() ? "HEAD" : "ALL"), agreed.facts().model());
            try (ForgetfulFolder folder = ForgetfulFolder.begin(
                    wish.out(), wish.keys(), wish.trained().data(), start, settled, Optional.of(agreed))) {
                folder.adopt(trajectory, seconds / gradients(run));
                return report(folder, compared);
            }
        }
    }

    static double gradients(RewindToDelete run) {
        double sum = 0;
        for (int step = 0; step < run.recipe().steps(); step++) {
            sum += run.recipe().batches().at(run.objective().records(), step).size();
        }
        return sum;
    }

    private RecordedRecipe recipe() {
        try {
            return RecipeFile.read(wish.trained().recipe());
        } catch (IOException refused) {
            throw new BadInputException("--recipe: " + refused.getMessage(), refused);
        }
    }

    private static ComputationGraph read(String what, Path file) {
        if (!Files.isRegularFile(file)) {
            throw new BadInputException(what + ": there is no file " + file);
        }
        try {
            return Networks.read(file);
        } catch (IOException | IllegalArgumentException bad) {
            throw new BadInputException(what + ": " + bad.getMessage(), bad);
        }
    }

    /** The penalties in the network's own configuration are part of how it was trained. */
    private void requireDecay(RecordedRecipe recipe, ComputationGraph trained) {
        double own;
        try {
            own = PlainSgd.weightDecay(trained);
        } catch (IllegalArgumentException refused) {
            throw new BadInputException(wish.trained().model() + ": " + refused.getMessage(), refused);
        }
        if (own != 0 && own != recipe.weightDecay()) {
            throw new BadInputException("weightDecay in " + wish.trained().recipe() + " must be the l2 of "
                    + wish.trained().model() + ", " + own + ", got " + recipe.weightDecay());
        }
    }

    private ForgetfulNetwork part(ComputationGraph graph, Path file) {
        ForgetfulNetwork whole = ForgetfulNetwork.trainedElsewhere(graph, file);
        return wish.head() ? whole.withHead() : whole;
    }

    /** The points of the training that are known, the end among them; the start only if it is a file. */
    private NavigableMap<Integer, double[]> known(RecordedRecipe recipe, ForgetfulNetwork end) {
        NavigableMap<Integer, Path> files = new TreeMap<>(recipe.checkpoints());
        files.putAll(wish.trained().checkpoints());
        NavigableMap<Integer, double[]> known = new TreeMap<>();
        files.forEach((step, file) -> {
            if (step < 0 || step > recipe.steps()) {
                throw new BadInputException("--checkpoint: steps must be in [0, " + recipe.steps() + "], got " + step);
            }
            known.put(step, parameters("--checkpoint " + step, file, end).parameters());
        });
        double[] last = end.parameters();
        double[] given = known.put(recipe.steps(), last);
        if (given != null && !Arrays.equals(given, last)) {
            throw new BadInputException("--checkpoint " + recipe.steps() + " must be "
                    + wish.trained().model() + " itself, the end of the training, but is another");
        }
        return known;
    }

    private ForgetfulNetwork parameters(String what, Path file, ForgetfulNetwork end) {
        ForgetfulNetwork network = part(read(what, file), file);
        network.differsFrom(end).ifPresent(difference -> {
            throw new BadInputException(what + ": " + file + " is not a point of the training of "
                    + wish.trained().model() + ": " + difference);
        });
        return network;
    }

    private ForgetfulNetwork start(RecordedRecipe recipe, ComputationGraph trained, ForgetfulNetwork end) {
        Path given = wish.trained()
                .checkpoints()
                .getOrDefault(0, recipe.checkpoints().get(0));
        if (given != null) {
            return parameters("--checkpoint 0", given, end);
        }
        if (recipe.start() instanceof Start.File start) {
            return parameters("start", start.file(), end);
        }
        if (recipe.start() instanceof Start.Seed seed) {
            return part(fresh(trained, seed.seed()), wish.trained().model());
        }
        throw new IllegalStateException("a model without a start is reconstructed");
    }

    /** A network as Deeplearning4j begins to train it. */
    private static ComputationGraph fresh(ComputationGraph trained, long seed) {
        ComputationGraphConfiguration configuration = Configurations.copy(trained.getConfiguration());
        configuration.getDefaultConfiguration().setSeed(seed);
        configuration.getVertices().values().forEach(vertex -> {
            if (vertex instanceof LayerVertex layer) {
                layer.getLayerConf().setSeed(seed);
            }
        });
        ComputationGraph fresh = new ComputationGraph(configuration);
        Nd4j.getRandom().setSeed(seed);
        fresh.init();
        return fresh;
    }

    static void requireRows(Wish wish, RecordedRecipe recipe, SubjectTable table) {
        recipe.batches().ifPresent(batches -> {
            if (batches.records() != table.size()) {
                throw new BadInputException("the batches in " + wish.trained().recipe() + " are of " + batches.records()
                        + " rows, " + wish.trained().data() + " has " + table.size());
            }
        });
    }

    private void requireAgreement(Comparison one) {
        boolean agrees = one.same() || (wish.tolerance() > 0 && one.distance() <= wish.tolerance());
        if (!agrees) {
            String moved = one.distance() > 0.01 * one.moved()
                    ? String.format(
                            Locale.ROOT,
                            "; the training moved %.4g times as far as the recipe, along its direction",
                            one.ratio())
                    : "";
            throw new BadInputException(String.format(
                    Locale.ROOT,
                    "the recipe does not lead from step %d to step %d: the known model is %.6g away from the replay, --tolerance"
                            + " admits %s%s; nothing was written",
                    one.from(),
                    one.step(),
                    one.distance(),
                    wish.tolerance() == 0 ? "not a bit" : Double.toString(wish.tolerance()),
                    moved));
        }
    }

    private Report report(ForgetfulFolder folder, NavigableMap<Integer, Comparison> compared) throws IOException {
        List<String> lines = new ArrayList<>();
        compared.values()
                .forEach(one -> lines.add(String.format(
                        Locale.ROOT,
                        "replayed from step %d to %d: %s",
                        one.from(),
                        one.step(),
                        one.same() ? "the same bits" : String.format(Locale.ROOT, "%.6g away", one.distance()))));
        if (wish.tolerance() > 0) {
            lines.add("every known point counts as " + wish.tolerance()
                    + " away from its replay, in every distance from now on");
        }
        Facts facts = new Facts(
                ForgettingTrainReport.facts(folder),
                wish.tolerance(),
                compared.values().stream().allMatch(Comparison::same),
                compared.values().stream().map(Replayed::of).toList());
        lines.add(ForgettingTrainReport.text(folder));
        return new Report(facts, String.join(System.lineSeparator(), lines));
    }

    /**
     * For JSON.
     *
     * @param tolerance how far a known point may be from its replay
     * @param exact whether every replay ended at the known bits
     */
    private record Facts(
            @JsonUnwrapped ForgettingTrainReport.Facts trained,
            double tolerance,
            boolean exact,
            List<Replayed> replays) {}

    /** From one known point to the next. */
    private record Replayed(int from, int step, boolean same, double distance) {

        private static Replayed of(Comparison one) {
            return new Replayed(one.from(), one.step(), one.same(), one.distance());
        }
    }
}
