/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.amend4j.algorithm.Metric;
import org.amend4j.algorithm.Optimizer;
import org.amend4j.algorithm.PolicyTraining;
import org.amend4j.algorithm.Reinforce;
import org.amend4j.algorithm.Schedule;
import org.amend4j.algorithm.StopRule;
import org.amend4j.algorithm.TrainingEnd;
import org.amend4j.app.job.Progress;
import org.amend4j.chart.Chart;
import org.amend4j.chart.Colour;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.model.BaseModel;
import org.amend4j.policy.Policy;
import org.amend4j.policy.PolicyFile;
import org.amend4j.policy.SavedPolicy;
import org.amend4j.rollout.Seeds;
import org.amend4j.rollout.Task;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.activations.Activation;

/**
 * The pretrained policy on another cart: the pole is a fifth as long, and the motor twice as strong. An adapter of rank 1 learns what
 * changed, and is compared with full fine-tuning and a new network, all by the same algorithm.
 */
final class PoleStory {

    // Every knob. Cart, rank and the adapters' learning rate are from a few trials; full networks have REINFORCE's
    // usual rate.
    static final String CHANGED = "CartPole-v1?halfLength=0.1&force=20";
    static final int RANK = 1;
    static final double ADAPTER_RATE = 2e-2;
    static final double FULL_RATE = 1e-2;
    static final double WANTED = 490;
    static final long EVALUATION_SEED = 1_000_003;
    static final double GAMMA = 0.99;

    /**
     * How much of it.
     *
     * @param seeds of each way to learn
     * @param mostSteps of a run
     * @param episodes of an evaluation
     */
    record Size(List<Long> seeds, long mostSteps, int episodes) {

        static final Size FULL = new Size(List.of(1L, 2L, 3L, 4L, 5L), 500_000, EvaluationChoice.EPISODES);
    }

    /**
     * One run.
     *
     * @param scores on the changed cart
     * @param points of its learning curve
     */
    record Run(
            long seed, TrainingEnd end, long steps, double seconds, EpisodeScores scores, List<Metrics.Point> points) {}

    /**
     * A way to learn.
     *
     * @param parameters that are trained
     * @param runs one a seed
     */
    record Way(String label, int parameters, List<Run> runs) {

        private double mean(ToDoubleFunction<Run> number) {
            return runs.stream().mapToDouble(number).average().orElseThrow();
        }
    }

    private final Size size;
    private final Path out;
    private final Progress progress;
    private final EnvironmentSpec home = EnvironmentIds.spec(Pretrained.ENVIRONMENT);
    private final EnvironmentSpec changed = EnvironmentIds.spec(CHANGED);
    private final BaseModel base;
    private final double[] bytesBefore;

    private PoleStory(Size size, Path out, Progress progress) throws IOException {
        this.size = size;
        this.out = out;
        this.progress = progress;
        base = Pretrained.base();
        bytesBefore = ParameterVectors.of(base.network());
    }

    /**
     * What happened.
     *
     * @param atHome the pretrained policy where it was trained
     * @param before the same on the changed cart
     * @param ways adapter, full fine-tuning, new network
     * @param baseUnchanged whether every bit of the base is what it was
     * @param fingerprint of the base
     */
    record Result(
            EpisodeScores atHome, EpisodeScores before, List<Way> ways, boolean baseUnchanged, String fingerprint) {}

    static Result run(Size size, Path out, Progress progress) throws IOException, InterruptedException {
        return new PoleStory(size, out, progress).tell();
    }

    private Result tell() throws IOException, InterruptedException {
        Policy pretrained = Pretrained.policy(base.network());
        EpisodeScores atHome = scores(pretrained, home);
        EpisodeScores before = scores(pretrained, changed);
        save("pretrained", new SavedPolicy(pretrained, new SavedPolicy.Plain(base.network()), home.id()));
        List<Way> ways = new ArrayList<>();
        ways.add(learn("adapter, rank " + RANK, ADAPTER_RATE, this::adapter));
        base.verifyUnchanged();
        boolean unchanged = Arrays.equals(bytesBefore, ParameterVectors.of(base.network()));
        ways.add(learn("full fine-tuning", FULL_RATE, seed -> fullCopy()));
        ways.add(learn("new network", FULL_RATE, PoleStory::fresh));
        return new Result(atHome, before, ways, unchanged, base.fingerprint().hex());
    }

    /** What came out. */
    static String sentence(Result result) {
        Way adapter = result.ways().get(0);
        return String.format(
                Locale.ROOT,
                "The policy earns %s at home and %s on the other cart; an adapter of %,d parameters brings that to %s on average, and the"
                        + " base %s.",
                ThreeDigits.of(result.atHome().drawn()),
                ThreeDigits.of(result.before().drawn()),
                adapter.parameters(),
                ThreeDigits.of(adapter.mean(run -> run.scores().drawn())),
                result.baseUnchanged() ? "keeps every bit" : "has changed");
    }

    /** What begins with a seed. */
    private interface Beginning {
        Learner with(long seed) throws IOException;
    }

    private Learner adapter(long seed) {
        return Start.Adapter.onto(
                base,
                Pretrained.policy(base.network()),
                DenseAdapters.config(base, RANK, RANK, false),
                new Seeds(seed));
    }

    private static Learner fullCopy() throws IOException {
        ComputationGraph graph = Pretrained.graph();
        return new Learner(Pretrained.policy(graph), new SavedPolicy.Plain(graph));
    }

    private static Learner fresh(long seed) {
        return new Start.Fresh(List.of(64, 64), Activation.TANH, false, false, Optional.empty())
                .learner(EnvironmentIds.spec(CHANGED), false, new Seeds(seed));
    }

    private Way learn(String label, double rate, Beginning beginning) throws IOException, InterruptedException {
        List<Run> runs = new ArrayList<>();
        int parameters = 0;
        for (long seed : size.seeds()) {
            Learner learner = beginning.with(seed);
            parameters = learner.policy().dimension();
            runs.add(train(label, rate, learner, seed));
            save(label.replaceAll("[^a-z0-9]+", "-") + "-seed-" + seed, learner.saved(changed.id()));
        }
        return new Way(label, parameters, runs);
    }

    private Run train(String label, double rate, Learner learner, long seed) throws InterruptedException {
        Reinforce.Config config =
                Reinforce.Config.DEFAULT.withOptimizer(Optimizer.Adam.DEFAULT, Schedule.constant(rate));
        try (PolicyTraining training = new PolicyTraining(
                config.begin(Task.of(changed), learner.policy(), seed),
                StopRule.steps(size.mostSteps()).orReturn(WANTED))) {
            return train(label, learner, seed, training);
        }
    }

    private Run train(String label, Learner learner, long seed, PolicyTraining training) throws InterruptedException {
        List<Metrics.Point> points = new ArrayList<>();
        long start = System.nanoTime();
        TrainingEnd end;
        try (Progress.Stage stage = progress.stage(label + ", seed " + seed, size.mostSteps())) {
            training.listen((record, stepsPerSecond) -> {
                points.add(new Metrics.Point(
                        record.steps(),
                        record.episodes().size(),
                        record.get(Metric.RETURN).orElseThrow()));
                stage.reach(Math.min(record.steps(), size.mostSteps()));
                stage.note(String.format(
                        Locale.ROOT,
                        "return %.1f, %,d steps, %,.0f steps/s",
                        training.recentReturn().orElse(record.get(Metric.RETURN).orElseThrow()),
                        record.steps(),
                        stepsPerSecond));
            });
            end = training.run();
            if (end == TrainingEnd.INTERRUPTED) {
                throw new InterruptedException("The demo begins anew next time.");
            }
            stage.reach(size.mostSteps());
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        training.useBest();
        return new Run(seed, end, training.algorithm().steps(), seconds, scores(learner.policy(), changed), points);
    }

    private EpisodeScores scores(Policy policy, EnvironmentSpec where) {
        return EpisodeScores.of(policy, where, size.episodes(), GAMMA, EVALUATION_SEED);
    }

    private void save(String name, SavedPolicy policy) throws IOException {
        PolicyFile.write(out.resolve("policies").resolve(name), policy);
    }

    /** Learning curves of all ways; the pretrained policy is a level line. */
    static Chart chart(Result result) {
        LearningChart chart = LearningChart.of("A shorter pole and a stronger motor: learning again");
        long longest = result.ways().stream()
                .flatMap(way -> way.runs().stream())
                .mapToLong(Run::steps)
                .max()
                .orElseThrow();
        double[] grid = LearningCurve.grid(longest);
        for (int i = 0; i < result.ways().size(); i++) {
            Way way = result.ways().get(i);
            double[][] curves = way.runs().stream()
                    .map(run -> LearningCurve.of(run.points(), grid))
                    .toArray(double[][]::new);
            String label = way.label() + ", IQM of " + curves.length + " seeds";
            chart = chart.with(Colour.of(i), label, grid, curves);
        }
        return chart.level("pretrained, as it is", result.before().sampled().mean())
                .chart();
    }

    /** For JSON. */
    record Facts(
            String trainedOn,
            String changed,
            EpisodeScores.Facts pretrainedAtHome,
            EpisodeScores.Facts pretrainedOnChanged,
            String baseFingerprint,
            boolean baseUnchanged,
            List<WayFacts> ways) {}

    /** A way to learn, for JSON. */
    record WayFacts(String way, int trainedParameters, List<RunFacts> runs) {

        private static WayFacts of(Way way) {
            return new WayFacts(
                    way.label(),
                    way.parameters(),
                    way.runs().stream().map(RunFacts::of).toList());
        }
    }

    /** One run, for JSON. */
    record RunFacts(long seed, String end, long steps, double seconds, EpisodeScores.Facts evaluation) {

        private static RunFacts of(Run run) {
            return new RunFacts(
                    run.seed(),
                    run.end().name(),
                    run.steps(),
                    run.seconds(),
                    run.scores().facts());
        }
    }

    static Facts facts(Result result) {
        return new Facts(
                Pretrained.ENVIRONMENT,
                CHANGED,
                result.atHome().facts(),
                result.before().facts(),
                result.fingerprint(),
                result.baseUnchanged(),
                result.ways().stream().map(WayFacts::of).toList());
    }

    static String text(Result result) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "A policy pretrained on CartPole-v1 returns %.1f there. Half the pole's length is now 0.1 m instead of 0.5,"
                        + " the motor's force 20 N instead of 10: it returns %.1f.%n%n",
                result.atHome().sampled().mean(),
                result.before().sampled().mean()));
        text.append(String.format(
                Locale.ROOT,
                "%-18s %8s %8s %8s %10s %8s %6s%n",
                "means over seeds",
                "trained",
                "return",
                "greedy",
                "steps",
                "seconds",
                "seeds"));
        text.append(String.format(
                Locale.ROOT,
                "%-18s %8d %8.1f %8.1f %10d %8.1f%n",
                "pretrained",
                0,
                result.before().sampled().mean(),
                result.before().greedy().mean(),
                0,
                0.0));
        for (Way way : result.ways()) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-18s %8d %8.1f %8.1f %10.0f %8.1f %6d%n",
                    way.label(),
                    way.parameters(),
                    way.mean(run -> run.scores().sampled().mean()),
                    way.mean(run -> run.scores().greedy().mean()),
                    way.mean(Run::steps),
                    way.mean(Run::seconds),
                    way.runs().size()));
        }
        return text.append(String.format(
                        Locale.ROOT,
                        "%nThe base after training adapters: %s (fingerprint %s...).%n",
                        result.baseUnchanged() ? "every bit as before" : "CHANGED",
                        result.fingerprint().substring(0, 16)))
                .toString();
    }
}
