/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.descent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Threads;
import org.amend4j.descent.Assurance;
import org.amend4j.descent.Checkpoint;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.descent.DescentOptions;
import org.amend4j.descent.DescentResult;
import org.amend4j.descent.FileTrajectoryStore;
import org.amend4j.descent.GradientDescent;
import org.amend4j.descent.RateBounds;
import org.amend4j.descent.Smoothness;
import org.amend4j.descent.StepRecord;
import org.amend4j.descent.StepRule;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.internal.file.Folders;
import org.nd4j.linalg.dataset.DataSet;

/**
 * Step rules side by side, on the features of a pretrained MobileNetV2 and 6,000 pictures of clothes: first the softmax
 * regression by LoRA with which Mu and Klabjan (arXiv 2512.18248) begin, where L is known and the rules' promises can be
 * held against what happens; then a small network with adapters on every layer, where it is not.
 *
 * <p>Every run leaves its steps and checkpoints on disk. An interrupted demo resumes where it stopped; a finished one
 * starts anew.
 */
public final class DescentDemo {

    // Every knob.
    static final int REGRESSION_STEPS = 300;
    static final int NETWORK_STEPS = 150;
    static final List<Double> CONSTANTS = List.of(0.03, 0.1, 0.3);
    static final double ADAPT = 1;
    static final double ADAPT2 = 0.8;
    static final double NORM = 0.06;
    static final double FIRST_STEP = 1;
    static final double CHECKPOINT_FACTOR = 1.5;

    private final Path out;
    private final Losses losses;
    private final Progress progress;

    /**
     * A run.
     *
     * @param out folder for trajectories, report and charts
     * @param losses makes the objectives
     */
    public DescentDemo(Path out, Losses losses, Progress progress) {
        this.out = out;
        this.losses = losses;
        this.progress = progress;
    }

    /** All rules on both problems. */
    Map<Problem, List<Curve>> run() throws IOException {
        if (Files.exists(DescentReport.file(out))) {
            Folders.delete(runs());
        }
        ClothesFeatures data = ClothesFeatures.compute(out.resolve("cache"), progress);
        Threads.useOne();
        Map<Problem, List<Curve>> curves = new LinkedHashMap<>();
        Problem regression = Problem.regression(data.training(), losses);
        curves.put(regression, descend(regression, REGRESSION_STEPS, data.test()));
        Problem network = Problem.network(data.training(), losses);
        curves.put(network, descend(network, NETWORK_STEPS, data.test()));
        return curves;
    }

    /** The rules that are compared, by the labels they have in table and chart. */
    static Map<String, StepRule> rules(Smoothness smoothness) {
        Map<String, StepRule> rules = new LinkedHashMap<>();
        for (double constant : CONSTANTS) {
            rules.put("constant " + constant, new StepRule.Constant(constant));
        }
        rules.put("Mu & Klabjan", new StepRule.MuKlabjan(smoothness));
        rules.put("closed form", new StepRule.ClosedForm(smoothness));
        rules.put("exact step", StepRule.ExactStep.of(smoothness));
        rules.put("Armijo", StepRule.Armijo.of(FIRST_STEP));
        rules.put("adapt " + ADAPT, new StepRule.Adapt(ADAPT));
        rules.put("adapt2 " + ADAPT2, new StepRule.Adapt2(ADAPT2));
        rules.put("norm " + NORM, new StepRule.Norm(NORM));
        return rules;
    }

    /** All rules on one problem. */
    List<Curve> descend(Problem problem, int steps, DataSet test) throws IOException {
        List<Curve> curves = new ArrayList<>();
        double[] start = ParameterVectors.of(problem.graph());
        for (Map.Entry<String, StepRule> entry : rules(problem.smoothness()).entrySet()) {
            curves.add(descend(problem, entry.getKey(), entry.getValue(), start, steps, test));
        }
        return curves;
    }

    private Curve descend(Problem problem, String label, StepRule rule, double[] start, int steps, DataSet test)
            throws IOException {
        String folder = problem.name() + "-" + label.replaceAll("[^A-Za-z0-9.]+", "-");
        try (Progress.Stage stage = progress.stage(problem.name() + ", " + label, steps);
                FileTrajectoryStore store = FileTrajectoryStore.open(
                        runs().resolve(folder),
                        fingerprint(problem, rule),
                        problem.objective().dimension())) {
            List<StepRecord> records = new ArrayList<>(recordsSoFar(store));
            boolean resumed = !records.isEmpty();
            stage.reach(records.size());
            long begin = System.nanoTime();
            DescentOptions options = DescentOptions.of(steps)
                    .withCheckpoints(CheckpointSchedule.geometric(CHECKPOINT_FACTOR))
                    .withObserver(record -> {
                        records.add(record);
                        stage.step(1);
                        stage.note(String.format(Locale.ROOT, "loss %.4f", record.nextLoss()));
                    });
            Optional<DescentResult> result = run(new GradientDescent(problem.objective(), rule, options), start, store);
            double seconds = (System.nanoTime() - begin) / 1e9 / Math.max(1, records.size());
            stage.reach(steps);
            if (result.isEmpty()) {
                stage.note("diverged after " + records.size() + " steps");
            }
            return new Curve(
                    label,
                    rule,
                    records,
                    result,
                    accuracy(problem, result, test),
                    resumed ? OptionalDouble.empty() : OptionalDouble.of(seconds),
                    bounds(problem, rule, records));
        }
    }

    private static List<StepRecord> recordsSoFar(FileTrajectoryStore store) throws IOException {
        Optional<Checkpoint> latest = store.latest();
        return latest.isPresent() ? store.records(latest.get().step()) : List.of();
    }

    /** The run's end, or nothing if it leaves the numbers: a constant step may, and the comparison is to show it. */
    private static Optional<DescentResult> run(GradientDescent descent, double[] start, FileTrajectoryStore store)
            throws IOException {
        try {
            return Optional.of(descent.run(start, store));
        } catch (ArithmeticException diverged) {
            return Optional.empty();
        }
    }

    private static OptionalDouble accuracy(Problem problem, Optional<DescentResult> result, DataSet test) {
        return result.isPresent()
                ? OptionalDouble.of(problem.accuracy(result.get().last().theta(), test))
                : OptionalDouble.empty();
    }

    /** Bounds are only worth drawing where L is more than an estimate. */
    private static List<RateBounds> bounds(Problem problem, StepRule rule, List<StepRecord> records) {
        if (rule.c().isEmpty() || problem.smoothness().assurance() == Assurance.ESTIMATED) {
            return List.of();
        }
        return RateBounds.afterEachStep(
                rule, problem.objective(), problem.smoothness().lossLowerBound(), records);
    }

    private Path runs() {
        return out.resolve("runs");
    }

    /** A run belongs to its objective and its rule. */
    private static String fingerprint(Problem problem, StepRule rule) {
        return Sha256.hex(problem.objective().fingerprint() + rule.facts().text());
    }
}
