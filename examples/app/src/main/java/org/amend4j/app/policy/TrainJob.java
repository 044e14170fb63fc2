/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.app.files.Destination;
import org.amend4j.app.files.FolderLock;
import org.amend4j.app.files.WholeFile;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.job.RunSettings;
import org.amend4j.data.BadInputException;
import org.amend4j.rollout.Seeds;

/**
 * Trains a policy, once per seed, in a folder: {@code run.json} says what is trained, each seed has a folder of its own, and
 * report and chart come last.
 */
public final class TrainJob {

    private static final String RUN = "run.json";
    private static final String REPORT = "report.json";

    private TrainJob() {}

    /** Whether a folder has a run that was begun. */
    public static boolean isBegun(Path out) {
        return Files.isRegularFile(out.resolve(RUN));
    }

    /** Where a seed of a run is. */
    public static Path folder(Path out, long seed) {
        return TrainFolder.ofSeed(out, seed);
    }

    /** What the user of an interrupted run is told. */
    public static String howToGoOn(Path out) {
        return "The checkpoints are in " + out + ": continue with the same command and --resume.";
    }

    /** Where a run goes unless told otherwise. */
    public static Path usualFolder(TrainingOptions options) {
        return Path.of(
                "amend4j-out",
                "policy-train",
                options.environment().replaceAll("[^A-Za-z0-9.-]+", "-") + "-" + options.algorithm());
    }

    /**
     * Trains.
     *
     * @param seeds one run each, at least one
     * @param out the run's folder
     * @param resume whether to go on with the run that is there, perhaps beyond its end; else there must be none
     * @param version of this program
     * @param place where seeds and batches of episodes are computed
     * @throws BadInputException if something is wrong with what is asked; nothing has changed then
     * @throws InterruptedException if the thread is interrupted; {@code resume} continues from there
     */
    public static Report run(
            TrainingOptions options,
            List<Long> seeds,
            Path out,
            boolean resume,
            String version,
            TrainingPlace place,
            Progress progress)
            throws IOException, InterruptedException {
        TrainSettings wanted = TrainSettings.of(options, new Seeds(seeds.get(0)));
        TrainSettings settings =
                resume ? goingOn(wanted, options.tuning().steps().isPresent(), seeds, out) : wanted;
        // refuses what does not fit, before anything is written
        try (SeedRun first = new SeedRun(settings, seeds.get(0), out, place)) {
            Destination.folder("--out", out);
            try (FolderLock claim = FolderLock.of("--out", out)) {
                begin(settings, seeds, out, resume);
                TrainFolder.removeLeftovers(out);
                return train(settings, seeds, first, out, version, place, progress);
            }
        }
    }

    /**
     * Trains one of a run's seeds in this process, for a {@link TrainingPlace} elsewhere; the run has been begun.
     *
     * @param seeds of the run
     * @param out the run's folder, which all processes see
     * @return what {@code result.json} has
     * @throws InterruptedException if the thread is interrupted; the checkpoint is kept
     */
    public static JsonNode seed(TrainingOptions options, List<Long> seeds, long seed, Path out, Progress progress)
            throws IOException, InterruptedException {
        TrainSettings settings = goingOn(TrainSettings.of(options, new Seeds(seeds.get(0))), false, seeds, out);
        try (FolderLock claim =
                FolderLock.of("--out", folder(out, seed))) { // an executor that was given up may still be training it
            return SeedRun.run(settings, seed, out, TrainingPlace.HERE, progress);
        }
    }

    private static Report train(
            TrainSettings settings,
            List<Long> seeds,
            SeedRun first,
            Path out,
            String version,
            TrainingPlace place,
            Progress progress)
            throws IOException, InterruptedException {
        TrainingReport report = new TrainingReport(settings, seeds, first, out, version);
        report.introduction().forEach(progress::say);
        List<JsonNode> results = place.seeds(seeds, seed -> {
            if (seed != seeds.get(0)) {
                return SeedRun.run(settings, seed, out, place, progress);
            }
            try (first) { // the others need no environments of its
                return first.run(progress);
            }
        });
        TrainChart.Drawn drawn = new TrainChart(settings, seeds, out).draw(out);
        List<Path> figures = new ArrayList<>(drawn.files());
        Path film = TrainFolder.ofSeed(out, seeds.get(0)).resolve(SeedRun.FILM);
        if (Files.exists(film)) {
            figures.add(film);
        }
        return report.of(results, drawn.curves()).keep(out.resolve(REPORT), settings.title(), figures);
    }

    private static void begin(TrainSettings settings, List<Long> seeds, Path out, boolean resume) throws IOException {
        Path run = out.resolve(RUN);
        if (Files.exists(run) && !resume) {
            throw new BadInputException(
                    out + " has a run already: --resume continues it, --out chooses another folder");
        }
        if (!resume || !settings.words(seeds).equals(before(run))) {
            Report words = new Report(settings.words(seeds), "");
            WholeFile.write(run, (words.json() + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    /** What is asked for, as far as the run that was begun allows: nothing may change but that there are more steps. */
    private static TrainSettings goingOn(TrainSettings wanted, boolean more, List<Long> seeds, Path out) {
        Path run = out.resolve(RUN);
        if (!Files.exists(run)) {
            throw new BadInputException("--resume: there is no run in " + out);
        }
        Map<String, String> before = before(run);
        long end = wanted.stop().mostSteps();
        List<Long> ends = new ArrayList<>();
        try {
            for (String steps :
                    before.getOrDefault(TrainSettings.EARLIER_STEPS_WORD, "").split(", ", -1)) {
                if (!steps.isEmpty()) {
                    ends.add(Long.parseLong(steps));
                }
            }
            long last = Long.parseLong(before.getOrDefault(TrainSettings.STEPS_WORD, ""));
            boolean beyond = more && end > last;
            RunSettings.requireSame(wanted.until(beyond ? last : end, ends).words(seeds), before, run);
            if (beyond) {
                ends.add(last);
            }
            return wanted.until(end, ends);
        } catch (NumberFormatException bad) {
            throw new BadInputException("--resume: " + run + " is damaged", bad);
        }
    }

    private static Map<String, String> before(Path run) {
        try {
            return new ObjectMapper().readValue(run.toFile(), new TypeReference<LinkedHashMap<String, String>>() {});
        } catch (IOException bad) {
            throw new BadInputException("--resume: " + run + " is damaged", bad);
        }
    }
}
