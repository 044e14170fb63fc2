/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.amend4j.algorithm.PeriodicEvaluation;
import org.amend4j.app.files.WholeFile;
import org.amend4j.app.job.Json;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.internal.file.DiskThread;
import org.amend4j.policy.Policy;
import org.amend4j.policy.PolicyFile;

/**
 * What the evaluations of a seed's training leave in its folder: {@code evaluations.csv} with all of them, and {@code best},
 * the best policy with {@code score.json} in it. Both follow from the training's state, so that a run resumed from a
 * checkpoint makes them agree with it, whenever the previous one was killed. At the end, {@code last} is the last policy.
 */
final class EvaluationFiles implements AutoCloseable {

    static final String CURVE = "evaluations.csv";
    static final String SCORE = "score.json";

    private static final String HEADER = "update,steps,return,deviation,length";

    private final PeriodicEvaluation evaluation;
    private final Learner learner;
    private final String environment;
    private final Path folder;
    private final DiskThread disk = new DiskThread("evaluations");

    /** @param environment that policies are said to be for */
    EvaluationFiles(PeriodicEvaluation evaluation, Learner learner, String environment, Path folder) {
        this.evaluation = evaluation;
        this.learner = learner;
        this.environment = environment;
        this.folder = folder;
    }

    /** Where the best policy is. */
    static Path best(Path folder) {
        return folder.resolve("best");
    }

    /** Makes the folder agree with a resumed training, and then follow it. */
    void follow() throws IOException {
        if (evaluation.best().isPresent()) {
            withBest(best -> {
                disk.await(this::writeBest);
                return best;
            });
            disk.await(this::writeCurve);
        }
        evaluation.listen(this::evaluated);
    }

    /** Something done with a policy. */
    @FunctionalInterface
    private interface Use<T> {
        T of(Policy policy) throws IOException;
    }

    /** Does it while the learner's policy is the best one. */
    private <T> T withBest(Use<T> use) throws IOException {
        Policy policy = learner.policy();
        Learned before = new Learned(policy);
        try {
            evaluation.useBest(policy);
            return use.of(policy);
        } finally {
            before.putInto(policy);
        }
    }

    /** By a thread of its own: an interrupt closes the channel that the interrupted thread writes to. */
    private void evaluated(PeriodicEvaluation.Result result, boolean better) {
        try {
            if (better) {
                disk.await(this::writeBest);
            }
            disk.await(this::writeCurve);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private void writeBest() throws IOException {
        Path best = best(folder);
        PolicyFile.write(best, learner.saved(environment));
        PeriodicEvaluation.Result result = evaluation.best().orElseThrow();
        Score score = new Score(
                result.mean(),
                result.deviation(),
                result.length(),
                evaluation.config().episodes(),
                actions(evaluation.config()),
                result.update(),
                result.steps(),
                Sha256.hex(Files.readAllBytes(best.resolve(PolicyFile.RECORD))));
        WholeFile.write(best.resolve(SCORE), (Json.text(score) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /**
     * What {@code score.json} says of the best policy.
     *
     * @param policy SHA-256 of its record
     */
    private record Score(
            @JsonProperty("return") double mean,
            double deviation,
            double length,
            int episodes,
            String actions,
            long update,
            long steps,
            String policy) {}

    private void writeCurve() throws IOException {
        StringBuilder text = new StringBuilder(HEADER).append('\n');
        for (PeriodicEvaluation.Result result : evaluation.results()) {
            text.append(result.update())
                    .append(',')
                    .append(result.steps())
                    .append(',')
                    .append(result.mean())
                    .append(',')
                    .append(result.deviation())
                    .append(',')
                    .append(result.length())
                    .append('\n');
        }
        WholeFile.write(folder.resolve(CURVE), text.toString().getBytes(StandardCharsets.UTF_8));
    }

    static String actions(PeriodicEvaluation.Config config) {
        return config.greedy() ? "greedy" : "drawn";
    }

    /** What a training's report says of its evaluations. */
    record Facts(Curve evaluations, Best best, Last last, Optional<BestAndLast.Facts> bestOrLast) {}

    /** All evaluations. */
    record Curve(
            long every,
            int episodes,
            String actions,
            List<Long> steps,
            List<Double> returns,
            List<Double> deviations,
            List<Double> lengths) {}

    /** The best policy: where it is, when it was found, its return then, and over new episodes. */
    record Best(
            String policy,
            long update,
            long steps,
            @JsonProperty("return") double mean,
            Optional<EpisodeScores.Facts> evaluation) {}

    /** The last policy: where it is, and its return over new episodes. */
    record Last(String policy, Optional<EpisodeScores.Facts> evaluation) {}

    /**
     * At the end of training: keeps the last policy, too, and compares it with the best one, if new episodes are wanted.
     *
     * @return for the report
     */
    Facts end(long seed, FinalEvaluation scores) throws IOException {
        Policy policy = learner.policy();
        Path last = folder.resolve("last");
        PolicyFile.write(last, learner.saved(environment));
        Optional<EpisodeScores> ofLast = scores.of(policy);
        Optional<EpisodeScores> ofBest = withBest(scores::of);
        boolean same = new Learned(policy).equals(withBest(Learned::new));
        Optional<BestAndLast> both = ofBest.map(best ->
                new BestAndLast(best, ofLast.orElseThrow(), evaluation.config().greedy(), same));
        return new Facts(
                curve(),
                best(ofBest),
                new Last(last.toString(), ofLast.map(EpisodeScores::facts)),
                both.map(one -> one.facts("seed " + seed + ": " + words(ofBest.orElseThrow()) + one.words() + ".")));
    }

    private Best best(Optional<EpisodeScores> scores) {
        PeriodicEvaluation.Result result = evaluation.best().orElseThrow();
        return new Best(
                best(folder).toString(),
                result.update(),
                result.steps(),
                result.mean(),
                scores.map(EpisodeScores::facts));
    }

    private String words(EpisodeScores scores) {
        PeriodicEvaluation.Result result = evaluation.best().orElseThrow();
        return String.format(
                Locale.ROOT,
                "best of %d evaluations: %.2f over %d episodes, after %,d steps, in %s; over %d new episodes ",
                evaluation.results().size(),
                result.mean(),
                evaluation.config().episodes(),
                result.steps(),
                best(folder),
                scores.sampled().episodes().size());
    }

    private Curve curve() {
        List<PeriodicEvaluation.Result> results = evaluation.results();
        return new Curve(
                evaluation.config().every(),
                evaluation.config().episodes(),
                actions(evaluation.config()),
                results.stream().map(PeriodicEvaluation.Result::steps).toList(),
                results.stream().map(PeriodicEvaluation.Result::mean).toList(),
                results.stream().map(PeriodicEvaluation.Result::deviation).toList(),
                results.stream().map(PeriodicEvaluation.Result::length).toList());
    }

    /** The curve of a seed's folder, none if it was not evaluated; a point counts as a whole window of a learning curve's. */
    static List<Metrics.Point> curve(Path folder) throws IOException {
        List<Metrics.Point> points = new ArrayList<>();
        Path file = folder.resolve(CURVE);
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
                if (!line.equals(HEADER)) {
                    String[] cells = line.split(",", -1);
                    points.add(new Metrics.Point(
                            Long.parseLong(cells[1]), LearningCurve.WINDOW, Double.parseDouble(cells[2])));
                }
            }
        }
        return points;
    }

    @Override
    public void close() {
        disk.end();
    }
}
