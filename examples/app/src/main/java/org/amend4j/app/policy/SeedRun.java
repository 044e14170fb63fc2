/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.amend4j.algorithm.ActorCritic;
import org.amend4j.algorithm.Algorithm;
import org.amend4j.algorithm.Metric;
import org.amend4j.algorithm.PeriodicEvaluation;
import org.amend4j.algorithm.PolicyTraining;
import org.amend4j.algorithm.PracticeConfig;
import org.amend4j.algorithm.TrainingCheckpoint;
import org.amend4j.algorithm.TrainingEnd;
import org.amend4j.algorithm.UpdateRecord;
import org.amend4j.app.files.WholeFile;
import org.amend4j.app.job.Json;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Stopping;
import org.amend4j.bridge.GymnasiumException;
import org.amend4j.data.BadInputException;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.policy.PolicyFile;
import org.amend4j.rollout.Rollouts;
import org.amend4j.rollout.Seeds;
import org.amend4j.rollout.Seeds.Purpose;
import org.amend4j.rollout.Task;

/**
 * The training of one seed in a folder: {@code checkpoint.safetensors}, {@code metrics.csv}, what {@link EvaluationFiles} has,
 * at the end the policy and {@code result.json}. If there is a result, the run is finished.
 */
final class SeedRun implements AutoCloseable {

    static final String CHECKPOINT = "checkpoint.safetensors";
    static final String METRICS = "metrics.csv";

    private static final String RESULT = "result.json";

    /** A drawing that moves, of environments that can be drawn. */
    static final String FILM = "episode.svg";

    private static final int EPISODES_ALONG = 20;

    private final TrainSettings settings;
    private final Seeds seeds;
    private final Path folder;
    private final String howToGoOn;
    private final Learner learner;
    private final Rollouts rollouts;
    private final PolicyTraining training;

    /**
     * Builds what trains; writes nothing.
     *
     * @param out the folder of all seeds
     * @param place where batches of episodes are played
     * @throws BadInputException if settings, environment and policy do not belong together
     */
    SeedRun(TrainSettings settings, long seed, Path out, TrainingPlace place) {
        this.settings = settings;
        this.seeds = new Seeds(seed);
        this.folder = TrainFolder.ofSeed(out, seed);
        this.howToGoOn = TrainJob.howToGoOn(out);
        try {
            learner = settings.learner(seeds);
            rollouts = settings.rolloutBatch().isPresent()
                    ? place.rollouts(
                            learner.saved(settings.environment().id()),
                            List.of(settings.trainedOn().id(), evaluatedIn().id()))
                    : Rollouts.HERE;
            Task task = settings.task(settings.trainedOn()).playedBy(rollouts);
            Algorithm algorithm = settings.config().begin(task, learner.policy(), seed);
            training = new PolicyTraining(algorithm, settings.stop());
        } catch (IllegalArgumentException bad) {
            throw new BadInputException(String.valueOf(bad.getMessage()), bad);
        }
    }

    /** As {@link #run(Progress)}, with everything built only if the run is not finished. */
    static JsonNode run(TrainSettings settings, long seed, Path out, TrainingPlace place, Progress progress)
            throws IOException, InterruptedException {
        Optional<JsonNode> finished = finished(settings, TrainFolder.ofSeed(out, seed));
        if (finished.isPresent()) {
            return finished.get();
        }
        try (SeedRun run = new SeedRun(settings, seed, out, place)) {
            return run.run(progress);
        }
    }

    /** The result, unless it is that of fewer steps than are wanted now. */
    private static Optional<JsonNode> finished(TrainSettings settings, Path folder) throws IOException {
        Path file = folder.resolve(RESULT);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        JsonNode result = Json.read(Files.readAllBytes(file));
        boolean early = result.path("end").asText().equals(TrainingEnd.STEPS.name())
                && result.path("steps").asLong() < settings.stop().mostSteps();
        return early ? Optional.empty() : Optional.of(result);
    }

    /** Where the trained policy is. */
    static Path policy(Path folder) {
        return folder.resolve("policy");
    }

    /** What learns. */
    Learner learner() {
        return learner;
    }

    /** What the settings do to the algorithm's guarantee, a sentence each. */
    List<String> effects() {
        return training.algorithm().effects();
    }

    /** Closes the environments. */
    @Override
    public void close() {
        training.close();
    }

    /**
     * Trains to the end, resuming from the checkpoint if there is one; or returns the result if the run is finished. Once.
     *
     * @return what {@code result.json} has
     * @throws InterruptedException if the thread was interrupted; the checkpoint is kept
     * @throws BadInputException if the checkpoint is another run's or damaged, or the settings let training fail
     */
    JsonNode run(Progress progress) throws IOException, InterruptedException {
        Optional<JsonNode> finished = finished(settings, folder);
        if (finished.isPresent()) {
            return finished.get();
        }
        evaluation().ifPresent(training::evaluatedBy);
        boolean resumed = resume();
        Files.createDirectories(folder);
        Optional<EvaluationFiles> evaluations = training.evaluation()
                .map(one ->
                        new EvaluationFiles(one, learner, settings.environment().id(), folder));
        try {
            if (evaluations.isPresent()) {
                evaluations.get().follow();
            }
            TrainingEnd end = train(progress);
            if (end == TrainingEnd.INTERRUPTED) {
                throw new InterruptedException(howToGoOn);
            }
            return result(end, resumed, evaluations, progress);
        } finally {
            evaluations.ifPresent(EvaluationFiles::close);
        }
    }

    /** What evaluates the training on the way, if anything does; in environments as {@code policy eval} has them. */
    private Optional<PeriodicEvaluation> evaluation() {
        return settings.evaluation()
                .along()
                .map(wanted -> new PeriodicEvaluation(
                        wanted, settings.task(evaluatedIn()).playedBy(rollouts), seeds.root()));
    }

    private EnvironmentSpec evaluatedIn() {
        return EnvironmentIds.forEvaluation(settings.environment());
    }

    /** What {@code result.json} says; the four of {@link EvaluationFiles} where training was evaluated on the way. */
    private record Result(
            @JsonUnwrapped Run run,
            @JsonUnwrapped Kept kept,
            Optional<EvaluationFiles.Curve> evaluations,
            Optional<EvaluationFiles.Best> best,
            Optional<EvaluationFiles.Last> last,
            Optional<BestAndLast.Facts> bestOrLast,
            Optional<List<String>> warnings) {}

    /** What training took. */
    private record Run(
            long seed,
            String end,
            long updates,
            long steps,
            double seconds,
            double stepsPerSecond,
            boolean resumed,
            OptionalDouble trainingReturn) {}

    /** The policy that was kept, and its scores if it was evaluated. */
    private record Kept(String policy, String policyIs, Optional<EpisodeScores.Facts> evaluation) {}

    private JsonNode result(TrainingEnd end, boolean resumed, Optional<EvaluationFiles> evaluations, Progress progress)
            throws IOException {
        Run run = new Run(
                seeds.root(),
                end.name(),
                training.algorithm().updates(),
                training.algorithm().steps(),
                training.seconds(),
                training.stepsPerSecond(),
                resumed,
                training.recentReturn());
        Optional<EvaluationFiles.Facts> evaluated;
        Optional<EpisodeScores> scores;
        String policyIs;
        try (FinalEvaluation last = new FinalEvaluation(settings, seeds, evaluations.isPresent() ? 3 : 1, progress)) {
            evaluated =
                    evaluations.isPresent() ? Optional.of(evaluations.get().end(seeds.root(), last)) : Optional.empty();
            policyIs = finish();
            scores = last.of(learner.policy());
        }
        film();
        List<String> warnings = warnings(scores.map(EpisodeScores::isSolved).orElse(false));
        JsonNode result = Json.tree(new Result(
                run,
                new Kept(policy(folder).toString(), policyIs, scores.map(EpisodeScores::facts)),
                evaluated.map(EvaluationFiles.Facts::evaluations),
                evaluated.map(EvaluationFiles.Facts::best),
                evaluated.map(EvaluationFiles.Facts::last),
                evaluated.flatMap(EvaluationFiles.Facts::bestOrLast),
                Optional.of(warnings).filter(some -> !some.isEmpty())));
        WholeFile.write(folder.resolve(RESULT), (Json.text(result) + "\n").getBytes(StandardCharsets.UTF_8));
        return result;
    }

    private void film() throws IOException {
        Optional<String> film = CartPoleFilm.of(
                learner.policy(), settings.environment(), settings.config().gamma(), seeds.seed(Purpose.EVALUATION, 0));
        if (film.isPresent()) {
            WholeFile.write(folder.resolve(FILM), film.get().getBytes(StandardCharsets.UTF_8));
        }
    }

    /** From the metrics, so that they are the same however often the run was interrupted. */
    private List<String> warnings(boolean solved) throws IOException {
        List<Metrics.Row> rows = Metrics.rows(folder.resolve(METRICS));
        List<String> warnings = new ArrayList<>();
        if (!rows.isEmpty() && !solved) {
            saturated(rows.get(0).entropy()).ifPresent(warnings::add);
        }
        Floor.sentence(settings, rows).ifPresent(warnings::add);
        return warnings.stream()
                .map(warning -> "seed " + seeds.root() + ": " + warning)
                .toList();
    }

    /** A warning for a policy that was trained before: a new network tries every action. */
    private Optional<String> saturated(double entropy) {
        boolean trained = !(settings.start() instanceof Start.Fresh);
        return trained && settings.config() instanceof PracticeConfig<?> practice
                ? Saturation.sentence(
                        learner.policy().distribution(),
                        entropy,
                        practice.terms().entropy())
                : Optional.empty();
    }

    private boolean resume() {
        Path checkpoint = folder.resolve(CHECKPOINT);
        if (!Files.exists(checkpoint)) {
            return false;
        }
        try {
            TrainingCheckpoint.resume(checkpoint, training, settings.earlierConfigs());
            return true;
        } catch (IOException | IllegalArgumentException bad) {
            throw new BadInputException("checkpoint " + checkpoint + ": " + bad.getMessage(), bad);
        }
    }

    private TrainingEnd train(Progress progress) throws IOException {
        long most = settings.stop().mostSteps();
        try (Stopping stopping = Stopping.with(howToGoOn);
                Metrics metrics = Metrics.after(
                        folder.resolve(METRICS), training.algorithm().updates());
                Progress.Stage stage = progress.stage("seed " + seeds.root(), most)) {
            long[] last = {training.algorithm().steps()};
            stage.reach(Math.min(most, last[0]));
            training.listen((record, stepsPerSecond) -> {
                OptionalDouble evaluated = evaluated(record, last[0]);
                last[0] = record.steps();
                metrics.add(record, evaluated, stepsPerSecond);
                if (record.update() == 1 && record.get(Metric.ENTROPY).isPresent()) {
                    saturated(record.get(Metric.ENTROPY).getAsDouble())
                            .ifPresent(warning -> progress.say("warning: seed " + seeds.root() + ": " + warning));
                }
                stage.reach(Math.min(most, record.steps()));
                stage.note(note(record, evaluated, stepsPerSecond));
            });
            TrainingEnd end = training.run(folder.resolve(CHECKPOINT), settings.checkpoints());
            if (end == TrainingEnd.RETURN) {
                stage.reach(most);
            }
            return end;
        } catch (ArithmeticException | IllegalStateException | GymnasiumException failed) {
            throw new BadInputException(
                    "training with seed " + seeds.root() + " ended at update "
                            + (training.algorithm().updates() + 1) + ": " + failed.getMessage()
                            + (Files.exists(folder.resolve(CHECKPOINT)) ? "; its last checkpoint is kept" : ""),
                    failed);
        }
    }

    /** Of the policy, once in a while, where training itself plays no episodes. */
    private OptionalDouble evaluated(UpdateRecord record, long before) {
        long most = settings.stop().mostSteps();
        boolean due = record.steps() * LearningCurve.POINTS / most > before * LearningCurve.POINTS / most;
        return due && settings.config() instanceof ActorCritic.Config
                ? OptionalDouble.of(EpisodeScores.drawn(
                        training.algorithm().policy(),
                        settings.environment(),
                        EPISODES_ALONG,
                        settings.config().gamma(),
                        seeds.seed(Purpose.EVALUATION, record.update())))
                : OptionalDouble.empty();
    }

    private String note(UpdateRecord record, OptionalDouble evaluated, double stepsPerSecond) {
        OptionalDouble mean = training.recentReturn();
        if (mean.isEmpty()) {
            mean = record.get(Metric.RETURN).isPresent() ? record.get(Metric.RETURN) : evaluated;
        }
        return String.format(
                Locale.ROOT,
                "%s%s%,d steps, %,.0f steps/s",
                mean.isPresent() ? String.format(Locale.ROOT, "return %.1f, ", mean.getAsDouble()) : "",
                training.evaluation()
                        .flatMap(PeriodicEvaluation::best)
                        .map(best -> String.format(Locale.ROOT, "best evaluation %.1f, ", best.mean()))
                        .orElse(""),
                record.steps(),
                stepsPerSecond);
    }

    /**
     * Practice mode keeps the best policy, theory mode the last one, which its guarantee is about.
     *
     * @return which it is
     */
    private String finish() throws IOException {
        boolean best = settings.config() instanceof PracticeConfig
                && training.bestReturn().isPresent();
        if (best) {
            training.useBest();
        }
        PolicyFile.write(policy(folder), learner.saved(settings.environment().id()));
        return best ? "the best by the mean return of the last 100 episodes" : "the last";
    }
}
