/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.app.data.WholeFile;
import org.amend4j.performance.NoisyBound;
import org.amend4j.unlearn.Prospect;
import org.amend4j.unlearn.RewindCandidate;
import org.amend4j.unlearn.UnlearningMethod;
import org.amend4j.unlearn.UnlearningPlan;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.lines.SeriesLines;

/**
 * Privacy, utility and cost of a deletion in one picture: steps against noise above, steps against the bound on the
 * retained loss below; rewinds as lines, the other ways as points.
 */
final class TradeOffChart {

    private static final Color REWIND = new Color(0x1B6CA8);
    private static final Map<Class<? extends UnlearningMethod>, Color> COLOURS = Map.of(
            UnlearningMethod.ColdRun.class, Color.DARK_GRAY,
            UnlearningMethod.Retrain.class, new Color(0x2E7D32),
            UnlearningMethod.DescentToDelete.class, new Color(0xE08E0B));

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
        List<XYChart> charts = new ArrayList<>();
        charts.add(chart.noise());
        if (prospects.loss().isPresent()) {
            charts.add(chart.loss());
        }
        WholeFile.write(
                file,
                temporary -> BitmapEncoder.saveBitmap(
                        charts, charts.size(), 1, temporary.toString(), BitmapEncoder.BitmapFormat.PNG));
    }

    private XYChart noise() {
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
                    method instanceof UnlearningMethod.DescentToDelete descent
                            ? descent.noise().noise().sigma()
                            : least);
        }
        XYChart chart = chart("Noise against cost (methods without noise at the bottom)", "sigma per parameter");
        chart.getStyler().setYAxisLogarithmic(true);
        line(chart, "rewind", rewinds, false);
        points.forEach((method, value) -> point(chart, method, value));
        return chart;
    }

    private XYChart loss() {
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
        XYChart chart = chart("Retained loss promised (reads private data: for the operator's eyes)", "at most");
        line(chart, "rewind, no noise", exact, true);
        line(chart, "rewind, released", noisy, false);
        Map<UnlearningMethod, Double> points = new LinkedHashMap<>();
        for (UnlearningMethod method : others()) {
            promised(method).ifPresent(value -> points.put(method, value));
        }
        points.forEach((method, value) -> point(chart, method, value));
        List<Double> all = new ArrayList<>(exact.values);
        all.addAll(noisy.values);
        all.addAll(points.values());
        double largest = all.stream().mapToDouble(x -> x).max().orElse(1);
        double smallest = all.stream().mapToDouble(x -> x).min().orElse(1);
        chart.getStyler().setYAxisLogarithmic(smallest > 0 && largest > BELOW * smallest);
        return chart;
    }

    private Optional<Double> promised(UnlearningMethod method) {
        Optional<Prospect> proved = prospects.of(method).stream().findFirst();
        return method instanceof UnlearningMethod.DescentToDelete
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

    private static XYChart chart(String title, String quantity) {
        XYChart chart = new XYChartBuilder()
                .width(820)
                .height(480)
                .title(title)
                .xAxisTitle("K, steps")
                .yAxisTitle(quantity)
                .build();
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE).setChartBackgroundColor(Color.WHITE);
        return chart;
    }

    private static void line(XYChart chart, String name, Line line, boolean dashed) {
        if (line.steps.isEmpty()) {
            return;
        }
        XYSeries series = chart.addSeries(name, line.steps, line.values);
        series.setLineColor(REWIND);
        series.setMarkerColor(REWIND);
        if (dashed) {
            series.setLineStyle(SeriesLines.DASH_DASH);
        }
    }

    private static void point(XYChart chart, UnlearningMethod method, double value) {
        XYSeries series =
                chart.addSeries(method.name(), List.of((double) method.cost().steps()), List.of(value));
        series.setLineStyle(SeriesLines.NONE);
        series.setMarkerColor(COLOURS.get(method.getClass()));
    }
}
