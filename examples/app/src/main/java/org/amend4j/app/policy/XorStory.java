/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.amend4j.algorithm.Gpomdp;
import org.amend4j.algorithm.PolicyTraining;
import org.amend4j.algorithm.StepSize;
import org.amend4j.algorithm.StopRule;
import org.amend4j.algorithm.TrainingEnd;
import org.amend4j.app.job.Progress;
import org.amend4j.chart.Chart;
import org.amend4j.chart.Colour;
import org.amend4j.descent.DescentOptions;
import org.amend4j.descent.DescentResult;
import org.amend4j.descent.GradientDescent;
import org.amend4j.descent.StepRule;
import org.amend4j.environment.XorMdp;
import org.amend4j.estimator.BiasBound;
import org.amend4j.estimator.BiasConstants;
import org.amend4j.estimator.BoundAssurance;
import org.amend4j.estimator.Horizon;
import org.amend4j.estimator.RewardRange;
import org.amend4j.estimator.ScoreConstants;
import org.amend4j.exact.ExactReturn;
import org.amend4j.exact.LogitMap;
import org.amend4j.exact.XorReturn;
import org.amend4j.policy.Approximator;
import org.amend4j.policy.Approximators;
import org.amend4j.policy.Bernoulli;
import org.amend4j.policy.DenseActivation;
import org.amend4j.policy.DenseShape;
import org.amend4j.policy.ObservationEncoder;
import org.amend4j.policy.Policy;
import org.amend4j.rollout.Task;
import org.amend4j.secondorder.ExactDiagnosis;
import org.amend4j.secondorder.SecondOrderDiagnosis;
import org.amend4j.secondorder.SecondOrderReport;

/**
 * The smallest process with a saddle. Exact gradient ascent stays there, since the gradient is exactly zero; GPOMDP leaves
 * it, driven by the noise of single trajectories. And a point that noise cannot leave: an adapter with both factors zero.
 */
final class XorStory {

    // Every knob.
    static final double GAMMA = 0.9;
    static final int HORIZON = 40;
    static final double STEP = 0.1;
    static final double EXACT_STEP = 1;
    static final double EPSILON = 0.1;
    static final double CHI = 1;
    static final double ESCAPED = 0.9;

    private static final String ENVIRONMENT = "Xor-v0";

    /**
     * How much of it.
     *
     * @param exactSteps of exact ascent
     * @param seeds of GPOMDP
     * @param updates of each
     * @param trajectories of each batch of a sampled report
     */
    record Size(int exactSteps, int seeds, int updates, int trajectories) {

        static final Size FULL = new Size(10_000, 20, 400, 8_000);
    }

    /**
     * A run of GPOMDP.
     *
     * @param path θ after each update, the start first
     * @param escape the first update at which J is 90 % of its supremum; empty if there was none
     */
    record Path(long seed, List<double[]> path, OptionalInt escape) {

        double[] end() {
            return path.get(path.size() - 1);
        }
    }

    /**
     * What was found.
     *
     * @param ascent exact, from the saddle
     * @param paths of GPOMDP, one a seed
     * @param saddle reports there
     * @param end reports where the first path ended
     * @param zeroAdapter an adapter with both factors zero
     */
    record Result(Ascent ascent, List<Path> paths, Reports saddle, Reports end, ZeroAdapter zeroAdapter) {

        long escaped() {
            return paths.stream().filter(path -> path.escape().isPresent()).count();
        }
    }

    /**
     * A run of exact ascent.
     *
     * @param end θ where it ended
     * @param status why
     * @param steps that it made
     * @param mostSteps that it was allowed
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never written to
    record Ascent(double[] end, String status, int steps, int mostSteps) {}

    /** On one point, exactly and from samples. */
    record Reports(SecondOrderReport exact, SecondOrderReport sampled) {}

    /** Whether GPOMDP moved it, and the report there. */
    record ZeroAdapter(boolean moved, SecondOrderReport report) {}

    private final Size size;
    private final Progress progress;
    private final XorReturn xor = new XorReturn(GAMMA, 0);
    private final ExactReturn exact = ExactReturn.of(XorMdp.plain(), new LogitMap.Bernoulli(2), GAMMA);

    /** Scores of a logit per observation are at most 1, with second moments of at most ¼. */
    private final Horizon horizon = Horizon.given(
            HORIZON,
            BiasBound.C,
            new BiasConstants(
                    GAMMA,
                    new ScoreConstants(1, 0.25, BoundAssurance.KNOWN, "a logit per observation"),
                    RewardRange.known(-1, 1)));

    private XorStory(Size size, Progress progress) {
        this.size = size;
        this.progress = progress;
    }

    static Result run(Size size, Progress progress) throws InterruptedException {
        return new XorStory(size, progress).tell();
    }

    private Result tell() throws InterruptedException {
        double[] saddle = new double[2];
        DescentResult ascent = exactAscent(saddle);
        List<Path> paths = new ArrayList<>();
        try (Progress.Stage stage = progress.stage("GPOMDP from the saddle", size.seeds())) {
            for (long seed : LongStream.rangeClosed(1, size.seeds()).toArray()) {
                paths.add(climb(seed));
                stage.step(1);
            }
            stage.note(paths.stream().filter(path -> path.escape().isPresent()).count() + " of " + size.seeds()
                    + " seeds left it");
        }
        return new Result(
                new Ascent(
                        ascent.last().theta(),
                        ascent.status().name(),
                        ascent.records().size(),
                        size.exactSteps()),
                paths,
                reports("report at the saddle", saddle),
                reports("report at the end of seed 1", paths.get(0).end()),
                new ZeroAdapter(zeroAdapterMoves(), zeroAdapter()));
    }

    private Reports reports(String name, double[] theta) throws InterruptedException {
        return new Reports(ExactDiagnosis.of(exact, theta, EPSILON, CHI), sampled(name, theta));
    }

    /** The objective is -J, so descent on it is ascent on J. */
    private DescentResult exactAscent(double[] start) throws InterruptedException {
        try (Progress.Stage stage = progress.stage("exact ascent from the saddle", size.exactSteps())) {
            DescentOptions options = DescentOptions.of(size.exactSteps()).withObserver(record -> stage.step(1));
            DescentResult result = new GradientDescent(exact, new StepRule.Constant(EXACT_STEP), options).run(start);
            requireNotInterrupted();
            stage.reach(size.exactSteps());
            stage.note(result.status().name() + " at J = " + Math.abs(result.loss()));
            return result;
        }
    }

    private static void requireNotInterrupted() throws InterruptedException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedException("The demo begins anew next time.");
        }
    }

    /** π(1|o) = σ(θ_o). */
    private static Policy policy(double[] theta) {
        Approximator table = Approximators.zero(List.of(new DenseShape(2, 1, false, DenseActivation.IDENTITY)));
        Policy policy = new Policy(table, new Bernoulli(), new ObservationEncoder.OneHot(2));
        policy.setParameters(theta);
        return policy;
    }

    private Path climb(long seed) throws InterruptedException {
        Policy policy = policy(new double[2]);
        List<double[]> path = new ArrayList<>(List.of(policy.parameters()));
        PolicyTraining training = new PolicyTraining(
                Gpomdp.Config.of(horizon, new StepSize.Constant(STEP)).begin(Task.of(ENVIRONMENT), policy, seed),
                StopRule.steps((long) HORIZON * size.updates()));
        training.listen((record, stepsPerSecond) -> path.add(policy.parameters()));
        if (training.run() == TrainingEnd.INTERRUPTED) {
            requireNotInterrupted();
        }
        OptionalInt escape = IntStream.range(0, path.size())
                .filter(update -> xor.share(path.get(update)) >= ESCAPED)
                .findFirst();
        return new Path(seed, path, escape);
    }

    private SecondOrderReport sampled(String name, double[] theta) throws InterruptedException {
        return SecondOrderJob.sampled(
                SecondOrderDiagnosis.Config.of(horizon, EPSILON)
                        .withTrajectories(size.trajectories())
                        .withChi(CHI),
                policy(theta),
                Task.of(ENVIRONMENT),
                1,
                name,
                progress);
    }

    /** Logits that lean to the right actions; an adapter with B = 0 and A = 0 on them. */
    private static LogitMap.LowRank zeroMap() {
        return new LogitMap.LowRank(new double[][] {{0, 0.5}, {0, 0.5}}, 1, 1);
    }

    private SecondOrderReport zeroAdapter() {
        ExactReturn adapted = ExactReturn.of(XorMdp.plain(), zeroMap(), GAMMA);
        return ExactDiagnosis.of(adapted, new double[adapted.dimension()], EPSILON, CHI);
    }

    private boolean zeroAdapterMoves() throws InterruptedException {
        Policy policy = ZeroAdapterPolicy.of(zeroMap().base());
        PolicyTraining training = new PolicyTraining(
                Gpomdp.Config.of(horizon, new StepSize.Constant(STEP)).begin(Task.of(ENVIRONMENT), policy, 1),
                StopRule.steps((long) HORIZON * size.updates()));
        if (training.run() == TrainingEnd.INTERRUPTED) {
            requireNotInterrupted();
        }
        return Arrays.stream(policy.parameters()).anyMatch(number -> number != 0);
    }

    /** J over updates, and the ways through the plane of the two parameters. */
    static Map<String, Chart> charts(Result result) {
        XorReturn xor = new XorReturn(GAMMA, 0);
        int seeds = result.paths().size();
        Chart returns = Chart.of(
                "XOR process: return from the saddle on, " + seeds + " seeds",
                "updates",
                "J as a share of its supremum");
        Chart plane = Chart.of(
                "XOR process: ways through the plane of parameters, " + seeds + " seeds",
                "logit of action 1 in the first state",
                "logit of action 1 in both others");
        for (Path path : result.paths()) {
            double[] updates =
                    IntStream.range(0, path.path().size()).asDoubleStream().toArray();
            double[] shares = path.path().stream().mapToDouble(xor::share).toArray();
            String label = "GPOMDP, seed " + path.seed();
            returns = returns.each(label, Colour.BLUE, updates, new double[][] {shares});
            plane = plane.each(label, Colour.BLUE, coordinate(path, 0), new double[][] {coordinate(path, 1)});
        }
        double[] end = result.ascent().end();
        Map<String, Chart> charts = new LinkedHashMap<>();
        charts.put("xor-return", returns.level("exact ascent", xor.share(end)));
        charts.put(
                "xor-plane",
                plane.points(
                        "saddle, and exact ascent's end", Colour.VERMILION, new double[] {end[0]}, new double[] {end[1]
                        }));
        return charts;
    }

    private static double[] coordinate(Path path, int index) {
        return path.path().stream().mapToDouble(theta -> theta[index]).toArray();
    }

    /** For JSON. */
    record Facts(
            @JsonUnwrapped Setting setting,
            AscentFacts exactAscent,
            long escaped,
            List<PathFacts> seeds,
            @JsonUnwrapped ReportFacts reports,
            boolean zeroAdapterMoved,
            SecondOrderFacts zeroAdapter) {}

    /** The knobs. */
    record Setting(String environment, double gamma, int horizon, double stepSize) {}

    /** Exact ascent, for JSON. */
    record AscentFacts(int steps, String status, List<Double> end) {}

    /** A run of GPOMDP, for JSON. */
    record PathFacts(long seed, List<Double> end, Optional<Integer> escapedAtUpdate) {

        private static PathFacts of(Path path) {
            return new PathFacts(
                    path.seed(),
                    listed(path.end()),
                    path.escape().stream().boxed().findFirst());
        }
    }

    /** The reports on both points, for JSON. */
    record ReportFacts(
            SecondOrderFacts saddleExact,
            SecondOrderFacts saddleSampled,
            SecondOrderFacts endExact,
            SecondOrderFacts endSampled) {}

    static Facts facts(Result result) {
        return new Facts(
                new Setting(ENVIRONMENT, GAMMA, HORIZON, STEP),
                new AscentFacts(
                        result.ascent().steps(),
                        result.ascent().status(),
                        listed(result.ascent().end())),
                result.escaped(),
                result.paths().stream().map(PathFacts::of).toList(),
                new ReportFacts(
                        SecondOrderFacts.of(result.saddle().exact()),
                        SecondOrderFacts.of(result.saddle().sampled()),
                        SecondOrderFacts.of(result.end().exact()),
                        SecondOrderFacts.of(result.end().sampled())),
                result.zeroAdapter().moved(),
                SecondOrderFacts.of(result.zeroAdapter().report()));
    }

    private static List<Double> listed(double[] theta) {
        return Arrays.stream(theta).boxed().toList();
    }

    static String text(Result result) {
        int[] escapes = result.paths().stream()
                .flatMapToInt(path -> path.escape().stream())
                .sorted()
                .toArray();
        String updates = escapes.length == 0
                ? ""
                : String.format(
                        Locale.ROOT,
                        ", after %d updates in the median and %d at most",
                        escapes[escapes.length / 2],
                        escapes[escapes.length - 1]);
        return String.format(
                Locale.ROOT,
                "The XOR process has a saddle where both probabilities are 1/2. Exact ascent from there, with up to %,d"
                        + " steps: the gradient is exactly 0, so it ends (%s) after %,d, at (%s, %s). GPOMDP with H = %d: %d of %d seeds reach %.0f %% of the best return%s.%n%n"
                        + "At the saddle, exactly:%n%s%n%nAt the saddle, from samples:%n%s%n%nWhere seed 1 ended, exactly:%n%s"
                        + "%n%nWhere seed 1 ended, from samples:%n%s%n%n"
                        + "An adapter with both factors 0, which noise does not move (GPOMDP %s it), exactly:%n%s%n",
                result.ascent().mostSteps(),
                result.ascent().status(),
                result.ascent().steps(),
                result.ascent().end()[0],
                result.ascent().end()[1],
                HORIZON,
                result.escaped(),
                result.paths().size(),
                100 * ESCAPED,
                updates,
                result.saddle().exact().statement().words(),
                result.saddle().sampled().statement().words(),
                result.end().exact().statement().words(),
                result.end().sampled().statement().words(),
                result.zeroAdapter().moved() ? "MOVED" : "did not move",
                result.zeroAdapter().report().statement().words());
    }
}
