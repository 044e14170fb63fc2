/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.app.page.ChartFiles;
import org.amend4j.chart.Chart;
import org.amend4j.chart.Colour;
import org.amend4j.performance.NoisyBound;
import org.amend4j.unlearn.Prospect;
import org.amend4j.unlearn.RewindCandidate;
import org.amend4j.unlearn.UnlearningMethod;
import org.amend4j.unlearn.UnlearningPlan;

/**
 * Privacy, utility and cost of a deletion in one picture: steps against noise above, steps against the bound on the
 * retained loss below; rewinds as lines, the other ways as points.
 */
final class TradeOffChart {

    private static final Map<Class<? extends UnlearningMethod>, Colour> COLOURS = Map.of(
            UnlearningMethod.ColdRun.class, Colour.GREY,
            UnlearningMethod.Retrain.class, Colour.GREEN,
            UnlearningMethod.Converge.class, Colour.VERMILION,
            UnlearningMethod.DescentToDelete.class, Colour.ORANGE);

    /** Ways without noise are drawn so far below the least noise, on a logarithmic axis. */
    private static final double BELOW = 10;

    /** A line, from left to right. */
    private static final class Line {
        final List<Double> steps = new ArrayList<>();
        final List<Double> values = new ArrayList<>();

        void add(int k, double value) {
            steps.add((double) k);
            values.add(value);
        }
    }

    private final Prospects prospects;
    private final int steps;

    private TradeOffChart(Prospects prospects, int steps) {
        this.prospects = prospects;
        this.steps = steps;
    }

    /**
     * Draws.
     *
     * @param steps T
     * @param file PNG
     */
    static void write(Prospects prospects, int steps, Path file) throws IOException {
        TradeOffChart chart = new TradeOffChart(prospects, steps);
        List<Chart> charts = new ArrayList<>();
        charts.add(chart.noise());
        if (prospects.loss().isPresent()) {
            charts.add(chart.loss());
        }
        ChartFiles.picture(charts, 1, file);
    }

    private Chart noise() {
        Line rewinds = new Line();
        for (RewindCandidate candidate : latestFirst()) {
            candidate
                    .noise()
                    .ifPresent(noise -> rewinds.add(
                            steps - candidate.checkpoint(), noise.noise().sigma()));
        }
        Map<UnlearningMethod, Double> points = new LinkedHashMap<>();
        double least = rewinds.values.stream().mapToDouble(x -> x).min().orElse(1) / BELOW;
        for (UnlearningMethod method : others()) {
            points.put(
                    method,
                    method.releaseNoise().map(noise -> noise.noise().sigma()).orElse(least));
        }
        Chart chart = chart(
                        "Noise against cost (methods without noise at the bottom)", "sigma per parameter (logarithmic)")
                .logY();
        return points(line(chart, "rewind", rewinds, false), points);
    }

    private Chart loss() {
        Line exact = new Line();
        Line noisy = new Line();
        for (RewindCandidate candidate : latestFirst()) {
            if (prospects.points().contains(candidate.checkpoint())) {
                prospects
                        .loss()
                        .map(seen -> seen.rewind(candidate.checkpoint(), candidate.noise()))
                        .ifPresent(prospect -> {
                            exact.add(prospect.steps(), prospect.descent().loss());
                            prospect.released().ifPresent(bound -> noisy.add(prospect.steps(), bound.loss()));
                        });
            }
        }
        Chart chart = chart("Retained loss promised (reads private data: for the operator's eyes)", "at most");
        chart = line(chart, "rewind, no noise", exact, true);
        chart = line(chart, "rewind, released", noisy, false);
        Map<UnlearningMethod, Double> points = new LinkedHashMap<>();
        for (UnlearningMethod method : others()) {
            promised(method).ifPresent(value -> points.put(method, value));
        }
        chart = points(chart, points);
        List<Double> all = new ArrayList<>(exact.values);
        all.addAll(noisy.values);
        all.addAll(points.values());
        double largest = all.stream().mapToDouble(x -> x).max().orElse(1);
        double smallest = all.stream().mapToDouble(x -> x).min().orElse(1);
        return smallest > 0 && largest > BELOW * smallest ? chart.logY() : chart;
    }

    private Optional<Double> promised(UnlearningMethod method) {
        Optional<Prospect> proved = prospects.of(method);
        return method.releaseNoise().isPresent()
                ? proved.flatMap(Prospect::released).map(NoisyBound::loss)
                : proved.map(prospect -> prospect.descent().loss());
    }

    private List<RewindCandidate> latestFirst() {
        return prospects.plan().candidates();
    }

    /** The methods that are no rewinds. */
    private List<UnlearningMethod> others() {
        UnlearningPlan plan = prospects.plan();
        return plan.methods().stream()
                .filter(method -> COLOURS.containsKey(method.getClass()))
                .toList();
    }

    private static Chart chart(String title, String quantity) {
        return Chart.of(title, "K, steps", quantity).withLegend();
    }

    private static Chart line(Chart chart, String name, Line line, boolean dashed) {
        if (line.steps.isEmpty()) {
            return chart;
        }
        double[] steps = line.steps.stream().mapToDouble(x -> x).toArray();
        double[] values = line.values.stream().mapToDouble(x -> x).toArray();
        return dashed ? chart.dashed(name, Colour.BLUE, steps, values) : chart.line(name, Colour.BLUE, steps, values);
    }

    private static Chart points(Chart chart, Map<UnlearningMethod, Double> points) {
        Chart all = chart;
        for (Map.Entry<UnlearningMethod, Double> point : points.entrySet()) {
            UnlearningMethod method = point.getKey();
            all = all.points(
                    method.name(),
                    COLOURS.getOrDefault(method.getClass(), Colour.GREY),
                    new double[] {method.cost().steps()},
                    new double[] {point.getValue()});
        }
        return all;
    }
}
