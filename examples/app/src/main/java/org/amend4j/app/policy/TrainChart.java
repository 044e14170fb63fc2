/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.amend4j.app.page.ChartFiles;
import org.amend4j.chart.Colour;
import org.amend4j.evaluation.Estimate;
import org.amend4j.html.HtmlTable;

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

    /**
     * Over the seeds, a number for each of the steps until the first run ends: the interquartile mean, and the ends of its
     * interval.
     */
    record Curve(List<Double> interquartileMean, List<Double> low, List<Double> high) {}

    /**
     * What was drawn.
     *
     * @param files SVG files
     */
    record Drawn(Curves curves, List<Path> files) {}

    /** Draws what there is. */
    Drawn draw(Path out) throws IOException {
        if (returns.isEmpty() && evaluations.isEmpty()) {
            return new Drawn(Curves.NONE, List.of());
        }
        double[] grid = LearningCurve.grid(longest());
        LearningChart chart = LearningChart.of(settings.title());
        Optional<Curve> training = Optional.empty();
        if (!returns.isEmpty()) {
            double[][] curves = curves(returns, grid);
            chart = chart.with(Colour.BLUE, label("training", curves.length), grid, curves);
            training = Optional.of(curve(curves, chart.estimates()));
        }
        Optional<Curve> evaluated = Optional.empty();
        if (!evaluations.isEmpty()) {
            double[][] curves = curves(evaluations, grid);
            chart = chart.with(Colour.VERMILION, label("evaluations", curves.length), grid, curves);
            evaluated = Optional.of(curve(curves, chart.estimates()));
        }
        OptionalDouble mark = settings.environment().rewardThreshold();
        if (mark.isPresent()) {
            chart = chart.level("solved: " + HtmlTable.number(mark.getAsDouble()), mark.getAsDouble());
        }
        List<Path> files = ChartFiles.write(Map.of("learning", chart.chart()), 1, out, "chart.png");
        Curves all = new Curves(Optional.of(Arrays.stream(grid).boxed().toList()), training, evaluated);
        return new Drawn(all, files);
    }

    private String label(String what, int curves) {
        return curves == 1 ? what + ", seed " + seeds.get(0) : what + ", IQM of " + curves + " seeds";
    }

    private static double[][] curves(List<List<Metrics.Point>> all, double[] grid) {
        return all.stream().map(points -> LearningCurve.of(points, grid)).toArray(double[][]::new);
    }

    private static Curve curve(double[][] curves, List<Estimate> estimates) {
        return new Curve(
                Arrays.stream(LearningChart.together(curves).interquartileMeans())
                        .boxed()
                        .toList(),
                estimates.stream().map(Estimate::low).toList(),
                estimates.stream().map(Estimate::high).toList());
    }

    /** Steps of the longest run, so that early ends do not leave the chart empty. */
    private long longest() {
        List<List<Metrics.Point>> all = returns.isEmpty() ? evaluations : returns;
        return all.stream()
                .mapToLong(points -> points.get(points.size() - 1).steps())
                .reduce(1, Math::max);
    }
}
