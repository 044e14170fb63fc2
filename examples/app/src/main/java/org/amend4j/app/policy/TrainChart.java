/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.evaluation.Estimate;
import org.amend4j.evaluation.LearningCurves;
import org.knowm.xchart.XYChart;

/** The learning curves of a training as a chart and as numbers: returns of training, and of evaluations on the way. */
final class TrainChart {

    private final TrainSettings settings;
    private final List<Long> seeds;
    private final List<List<Metrics.Point>> returns = new ArrayList<>();
    private final List<List<Metrics.Point>> evaluations = new ArrayList<>();

    /** @param out the run's folder */
    TrainChart(TrainSettings settings, List<Long> seeds, Path out) throws IOException {
        this.settings = settings;
        this.seeds = seeds;
        for (long seed : seeds) {
            Path folder = TrainFolder.ofSeed(out, seed);
            add(returns, Metrics.returns(folder.resolve(SeedRun.METRICS)));
            add(evaluations, EvaluationFiles.curve(folder));
        }
    }

    private static void add(List<List<Metrics.Point>> all, List<Metrics.Point> points) {
        if (!points.isEmpty()) {
            all.add(points);
        }
    }

    /**
     * The numbers of a chart.
     *
     * @param steps that both curves are over, ascending; empty if there is nothing to draw
     * @param training returns of training, if there are any
     * @param evaluations on the way, if there were any
     */
    record Curves(
            Optional<List<Double>> steps, @JsonUnwrapped Optional<Curve> training, Optional<Curve> evaluations) {

        static final Curves NONE = new Curves(Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Over the seeds, a number for each of the steps: the interquartile mean, and the ends of its interval. */
    record Curve(List<Double> interquartileMean, List<Double> low, List<Double> high) {}

    /**
     * Draws what there is.
     *
     * @return the numbers
     */
    Curves draw(Path out) throws IOException {
        if (returns.isEmpty() && evaluations.isEmpty()) {
            return Curves.NONE;
        }
        double[] grid = LearningCurve.grid(longest());
        XYChart chart = Chart.of(
                settings.environment().id() + ", " + settings.config().algorithm(),
                "environment steps",
                "return, mean of about 100 episodes");
        Optional<Curve> training = curve(chart, Chart.COLOURS.get(0), "training", grid, returns);
        Optional<Curve> evaluated = curve(chart, Chart.COLOURS.get(1), "evaluations", grid, evaluations);
        settings.environment().rewardThreshold().ifPresent(mark -> {
            double[] ends = {0, grid[grid.length - 1]};
            Chart.dashed(chart, Color.GRAY, "mark, " + mark, ends, new double[] {mark, mark});
        });
        Chart.write(Map.of("learning", chart), out, "chart.png");
        return new Curves(Optional.of(Arrays.stream(grid).boxed().toList()), training, evaluated);
    }

    private Optional<Curve> curve(
            XYChart chart, Color colour, String what, double[] grid, List<List<Metrics.Point>> all) {
        if (all.isEmpty()) {
            return Optional.empty();
        }
        double[][] curves =
                all.stream().map(points -> LearningCurve.of(points, grid)).toArray(double[][]::new);
        if (curves.length > 1) {
            Chart.each(chart, colour, what + ", each seed", grid, curves);
        }
        String label =
                curves.length == 1 ? what + ", seed " + seeds.get(0) : what + ", IQM of " + curves.length + " seeds";
        List<Estimate> estimates = Chart.learning(chart, colour, label, grid, curves);
        return Optional.of(new Curve(
                Arrays.stream(LearningCurves.of(curves).interquartileMeans())
                        .boxed()
                        .toList(),
                estimates.stream().map(Estimate::low).toList(),
                estimates.stream().map(Estimate::high).toList()));
    }

    /** Steps of the longest run, so that early ends do not leave the chart empty. */
    private long longest() {
        List<List<Metrics.Point>> all = returns.isEmpty() ? evaluations : returns;
        return all.stream()
                .mapToLong(points -> points.get(points.size() - 1).steps())
                .reduce(1, Math::max);
    }
}
