/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.descent;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.amend4j.app.page.ChartFiles;
import org.amend4j.chart.Chart;
import org.amend4j.chart.Colour;
import org.amend4j.descent.RateBounds;
import org.amend4j.descent.StepRule;

/**
 * Loss and smallest gradient norm against steps, both logarithmic. Rules with a guarantee have colours, heuristics are grey; bounds are
 * dashed, in the colour of their rule.
 */
final class DescentChart {

    /** Times the loss where runs start. */
    private static final double BEYOND = 10;

    private DescentChart() {}

    /**
     * Writes {@code chart.png} with all of them, and an SVG file of each.
     *
     * @return the SVG files
     */
    static List<Path> write(Map<Problem, List<Curve>> curves, Path out) throws IOException {
        Map<String, Chart> charts = new LinkedHashMap<>();
        curves.forEach((problem, runs) -> {
            charts.put(problem.name() + "-loss", losses(problem, runs));
            charts.put(problem.name() + "-gradient", gradients(problem, runs));
        });
        return ChartFiles.write(charts, 2, out, "chart.png");
    }

    static Chart losses(Problem problem, List<Curve> runs) {
        Chart chart = chart(problem, "loss");
        double most = most(runs);
        double least = Double.POSITIVE_INFINITY;
        boolean cut = false;
        List<Colour> colours = colours(runs);
        for (int k = 0; k < runs.size(); k++) {
            List<Double> losses = runs.get(k).losses();
            boolean leaves = losses.stream().anyMatch(loss -> !(loss <= most));
            least = losses.stream().filter(loss -> loss > 0).reduce(least, Math::min);
            cut |= leaves;
            chart = add(chart, runs.get(k).label() + (leaves ? " (leaves the chart)" : ""), colours.get(k), losses);
        }
        return cut && least < most ? chart.yBetween(least, most) : chart;
    }

    /** The end of the axis: a run that rises farther above the others' start would press them flat. */
    private static double most(List<Curve> runs) {
        return BEYOND
                * runs.stream()
                        .mapToDouble(run -> run.losses().get(0))
                        .filter(Double::isFinite)
                        .max()
                        .orElse(Double.MAX_VALUE / BEYOND);
    }

    private static Chart gradients(Problem problem, List<Curve> runs) {
        Chart chart = chart(problem, "smallest gradient norm so far");
        List<Colour> colours = colours(runs);
        for (int k = 0; k < runs.size(); k++) {
            Curve run = runs.get(k);
            chart = add(chart, run.label(), colours.get(k), run.smallestGradients());
            chart = switch (run.rule().name()) {
                case "closed-form" ->
                    bound(chart, "our rate, before the run", colours.get(k), run, RateBounds::beforeTheRun);
                case "mu-klabjan" ->
                    bound(chart, "Mu and Klabjan's rate", colours.get(k), run, RateBounds::muKlabjanBeforeTheRun);
                default -> chart;
            };
        }
        return chart;
    }

    private static Chart chart(Problem problem, String quantity) {
        return Chart.of(problem.title(), "steps (logarithmic)", quantity + " (logarithmic)")
                .logX()
                .logY();
    }

    /** One for each run. */
    private static List<Colour> colours(List<Curve> runs) {
        List<Colour> colours = new ArrayList<>();
        int used = 0;
        for (Curve run : runs) {
            colours.add(run.rule() instanceof StepRule.Heuristic ? Colour.GREY : Colour.of(used++));
        }
        return colours;
    }

    private static Chart add(Chart chart, String label, Colour colour, List<Double> values) {
        return chart.line(label, colour, steps(values.size()), numbers(values));
    }

    private static Chart bound(
            Chart chart, String label, Colour colour, Curve curve, Function<RateBounds, OptionalDouble> bound) {
        if (curve.bounds().isEmpty()) {
            return chart;
        }
        List<Double> norms = curve.bounds().stream()
                .map(bound)
                .map(value -> value.isPresent() ? RateBounds.asNorm(value.getAsDouble()) : Double.NaN)
                .toList();
        return chart.dashed(label, colour, steps(norms.size()), numbers(norms));
    }

    private static double[] steps(int number) {
        return IntStream.rangeClosed(1, number).asDoubleStream().toArray();
    }

    private static double[] numbers(List<Double> values) {
        return values.stream().mapToDouble(x -> x).toArray();
    }
}
