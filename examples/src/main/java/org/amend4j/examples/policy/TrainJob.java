package org.amend4j.examples.policy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.Color;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.evaluation.Estimate;
import org.amend4j.evaluation.LearningCurves;
import org.amend4j.examples.data.BadInputException;
import org.amend4j.examples.data.Claim;
import org.amend4j.examples.data.Destination;
import org.amend4j.examples.data.WholeFile;
import org.amend4j.examples.job.Progress;
import org.amend4j.examples.job.Report;
import org.knowm.xchart.XYChart;

/**
 * Trains a policy, once per seed, in a folder: {@code run.json} says what is trained, each seed has a folder of its own, and
 * report and chart come last.
 */
public final class TrainJob {

    private static final String RUN = "run.json";
    private static final String REPORT = "report.json";

    private TrainJob() {}

    /** Where a run goes unless told otherwise. */
    public static Path usualFolder(TrainWishes wishes) {
        return Path.of(
                "amend4j-out",
                "policy-train",
                wishes.environment().replaceAll("[^A-Za-z0-9.-]+", "-") + "-" + wishes.algorithm());
    }

    /**
     * Trains.
     *
     * @param out the run's folder
     * @param resume whether to go on with the run that is there; else there must be none
     * @param version of this program
     * @throws BadInputException if something is wrong with what is asked; nothing has changed then
     * @throws InterruptedException if the thread is interrupted; {@code resume} goes on from there
     */
    public static Report run(TrainWishes wishes, Path out, boolean resume, String version, Progress progress)
            throws IOException, InterruptedException {
        TrainSettings settings = TrainSettings.of(wishes);
        Destination.folder("--out", out);
        try (Claim claim = Claim.of("--out", out)) {
            begin(settings, out, resume);
            return train(settings, out, version, progress);
        }
    }

    private static Report train(TrainSettings settings, Path out, String version, Progress progress)
            throws IOException, InterruptedException {
        TrainReport report = new TrainReport(settings, out, version);
        report.introduction().forEach(progress::say);
        String howToGoOn = "The checkpoints are in " + out + ": the same command with --resume goes on.";
        List<Map<String, Object>> results = new ArrayList<>();
        for (long seed : settings.seeds()) {
            results.add(new SeedRun(settings, seed, folder(out, seed), howToGoOn).run(progress));
        }
        Report done = report.of(results, draw(settings, out));
        WholeFile.write(out.resolve(REPORT), (done.json() + "\n").getBytes(StandardCharsets.UTF_8));
        return done;
    }

    private static Path folder(Path out, long seed) {
        return out.resolve("seed-" + seed);
    }

    private static void begin(TrainSettings settings, Path out, boolean resume) throws IOException {
        Path run = out.resolve(RUN);
        if (Files.exists(run) && !resume) {
            throw new BadInputException(
                    out + " has a run already: --resume goes on with it, --out chooses another folder");
        }
        if (!Files.exists(run) && resume) {
            throw new BadInputException("--resume: there is no run in " + out);
        }
        if (resume) {
            requireSame(settings.words(), run);
        }
        if (resume) {
            return;
        }
        Report words = new Report(settings.words(), "");
        WholeFile.write(run, (words.json() + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static void requireSame(Map<String, String> own, Path run) {
        Map<String, String> before;
        try {
            before = new ObjectMapper().readValue(run.toFile(), new TypeReference<LinkedHashMap<String, String>>() {});
        } catch (IOException bad) {
            throw new BadInputException("--resume: " + run + " is damaged", bad);
        }
        own.forEach((name, value) -> {
            String old = before.getOrDefault(name, "");
            if (!value.equals(old)) {
                throw new BadInputException("--resume goes on with the run's own " + name + ", '"
                        + different(old, value) + "', got '" + different(value, old) + "' (" + run + ")");
            }
        });
    }

    /** The parts of a list of settings that another one does not have; all of it if that is clearer. */
    private static String different(String settings, String others) {
        List<String> parts = new ArrayList<>(List.of(settings.split(", ", -1)));
        parts.removeAll(List.of(others.split(", ", -1)));
        return parts.isEmpty() ? settings : String.join(", ", parts);
    }

    /** The chart of all seeds, and its numbers. */
    private static Map<String, Object> draw(TrainSettings settings, Path out) throws IOException {
        double[] grid = LearningCurve.grid(longest(settings, out));
        List<double[]> curves = new ArrayList<>();
        for (long seed : settings.seeds()) {
            List<Metrics.Point> points = Metrics.returns(folder(out, seed).resolve(SeedRun.METRICS));
            if (!points.isEmpty()) {
                curves.add(LearningCurve.of(points, grid));
            }
        }
        Map<String, Object> facts = new LinkedHashMap<>();
        if (curves.isEmpty()) {
            return facts;
        }
        XYChart chart = Chart.of(
                settings.environment().id() + ", " + settings.config().algorithm(),
                "environment steps",
                "return, mean of about 100 episodes");
        List<Estimate> estimates = Chart.learning(
                chart,
                Chart.COLOURS.get(0),
                curves.size() == 1 ? "seed " + settings.seeds().get(0) : "IQM of " + curves.size() + " seeds",
                grid,
                curves.toArray(double[][]::new));
        settings.environment().rewardThreshold().ifPresent(mark -> {
            double[] ends = {0, grid[grid.length - 1]};
            Chart.dashed(chart, Color.GRAY, "solved", ends, new double[] {mark, mark});
        });
        Chart.write(Map.of("learning", chart), out, "chart.png");
        facts.put("steps", grid);
        facts.put(
                "interquartileMean",
                LearningCurves.of(curves.toArray(double[][]::new)).interquartileMeans());
        facts.put("low", estimates.stream().map(Estimate::low).toList());
        facts.put("high", estimates.stream().map(Estimate::high).toList());
        return facts;
    }

    /** Steps of the longest run, so that early ends do not leave the chart empty. */
    private static long longest(TrainSettings settings, Path out) throws IOException {
        long longest = 1;
        for (long seed : settings.seeds()) {
            List<Metrics.Point> points = Metrics.returns(folder(out, seed).resolve(SeedRun.METRICS));
            if (!points.isEmpty()) {
                longest = Math.max(longest, points.get(points.size() - 1).steps());
            }
        }
        return longest;
    }
}
