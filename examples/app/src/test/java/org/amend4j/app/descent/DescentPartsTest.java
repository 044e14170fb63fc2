/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.descent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amend4j.app.compute.Compute;
import org.amend4j.app.compute.EmulatedCompute;
import org.amend4j.app.job.Progress;
import org.amend4j.app.page.OpenPages;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.descent.StepRecord;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.numeric.Lanczos;
import org.amend4j.objective.HessianVector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** The demo's parts on thirty made-up examples; the demo itself runs on the real ones. */
class DescentPartsTest {

    private static final int STEPS = 12;

    @TempDir
    private Path folder;

    private static DataSet examples(long seed) {
        Random random = new Random(seed);
        INDArray features = Nd4j.ones(DataType.DOUBLE, 30, ClothesFeatures.COUNT);
        INDArray labels = Nd4j.zeros(DataType.DOUBLE, 30, 10);
        for (int i = 0; i < 30; i++) {
            for (int j = 0; j + 1 < ClothesFeatures.COUNT; j++) {
                features.putScalar(i, j, random.nextGaussian());
            }
            labels.putScalar(i, random.nextInt(10), 1);
        }
        return new DataSet(features, labels);
    }

    private static Progress silent() {
        return Progress.to(new PrintWriter(new StringWriter()));
    }

    private DescentDemo demo() {
        return new DescentDemo(folder, Losses.on(Compute.cpu(silent())), silent());
    }

    /** With scale 1 and B = 0 the curvature in B alone is at most ‖A‖²·L: a check of L from below. */
    @Test
    void no_curvature_of_the_regression_exceeds_its_proved_constant() {
        Problem regression = Problem.regression(examples(1), Losses.on(Compute.cpu(silent())));
        double[] theta = ParameterVectors.of(regression.graph());
        double largest = new Lanczos(60, 1e-6, 1)
                .of(HessianVector.at(regression.objective(), theta), Lanczos.Ends.LARGEST)
                .largest()
                .value();
        double norm = 0;
        for (double t : theta) {
            norm += t * t;
        }
        double l = regression.smoothness().lipschitz();
        double gradient = Math.sqrt(2 * l * regression.objective().value(theta));
        assertTrue(largest > 0 && largest <= l * norm + gradient, largest + " against " + l);
    }

    @Test
    void guaranteed_rules_keep_their_promises_and_their_bounds() throws IOException {
        Problem regression = Problem.regression(examples(2), Losses.on(Compute.cpu(silent())));
        List<Curve> curves = demo().descend(regression, STEPS, examples(3));
        assertEquals(DescentDemo.rules(regression.smoothness()).size(), curves.size());
        for (Curve curve : curves) {
            if (curve.rule().c().isPresent()) {
                assertTrue(curve.result().orElseThrow().promises().kept(), curve.label());
                assertEquals(curve.records().size(), curve.bounds().size());
                List<Double> smallest = curve.smallestGradients();
                for (int t = 0; t < curve.bounds().size(); t++) {
                    double squared = smallest.get(t) * smallest.get(t);
                    assertTrue(squared <= curve.bounds().get(t).alongTheRun(), curve.label() + " at " + t);
                }
            }
        }
    }

    /** Single precision beside double: a step errs by about 1e-6 relatively, and the rules do not blow that up. */
    @Test
    void a_device_descends_as_the_cpu_does() throws IOException {
        List<Curve> expected =
                demo().descend(Problem.network(examples(4), Losses.on(Compute.cpu(silent()))), 4, examples(5));
        try (Compute compute = EmulatedCompute.askedFor(ProductPrecision.FP32)) {
            Path elsewhere = Files.createDirectory(folder.resolve("device"));
            List<Curve> curves = new DescentDemo(elsewhere, Losses.on(compute), silent())
                    .descend(Problem.network(examples(4), Losses.on(compute)), 4, examples(5));
            for (int k = 0; k < expected.size(); k++) {
                assertEquals(4, curves.get(k).records().size(), curves.get(k).label());
                double loss = expected.get(k).records().get(3).nextLoss();
                assertEquals(
                        loss,
                        curves.get(k).records().get(3).nextLoss(),
                        1e-4 * loss,
                        curves.get(k).label());
            }
        }
    }

    /** A second demo finds the first one's steps and makes none of its own. */
    @Test
    void a_demo_goes_on_where_it_was_interrupted() throws IOException {
        Problem network = Problem.network(examples(4), Losses.on(Compute.cpu(silent())));
        List<Curve> first = demo().descend(network, STEPS / 2, examples(5));
        List<Curve> second =
                demo().descend(Problem.network(examples(4), Losses.on(Compute.cpu(silent()))), STEPS, examples(5));
        try (var kept = Files.list(folder.resolve("runs"))) {
            assertEquals(first.size(), kept.count());
        }
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        List<Curve> whole = new DescentDemo(elsewhere, Losses.on(Compute.cpu(silent())), silent())
                .descend(Problem.network(examples(4), Losses.on(Compute.cpu(silent()))), STEPS, examples(5));
        for (int k = 0; k < whole.size(); k++) {
            assertTrue(first.get(k).secondsPerStep().isPresent());
            assertFalse(second.get(k).secondsPerStep().isPresent());
            assertEquals(
                    whole.get(k).records(),
                    second.get(k).records(),
                    whole.get(k).label());
        }
    }

    @Test
    void the_report_has_every_rule_and_the_charts_are_drawn() throws IOException {
        Map<Problem, List<Curve>> curves = new LinkedHashMap<>();
        Problem regression = Problem.regression(examples(6), Losses.on(Compute.cpu(silent())));
        curves.put(regression, demo().descend(regression, STEPS, examples(7)));
        Problem network = Problem.network(examples(4), Losses.on(Compute.cpu(silent())));
        curves.put(network, demo().descend(network, 2, examples(5)));
        String text = DescentReport.text(curves, folder, 1);
        DescentDemo.rules(regression.smoothness()).keySet().forEach(label -> assertTrue(text.contains(label), text));
        assertTrue(text.contains("guaranteed (L proved)"), text);
        OpenPages.opens(DescentReport.report(curves, folder, 1), "descent demo");
        for (String name : List.of("chart.png", "regression-loss.svg", "regression-gradient.svg")) {
            assertTrue(Files.size(folder.resolve(name)) > 1000, name);
        }
    }

    /** A run whose loss grows a thousandfold at every step, among others. */
    @Test
    void a_run_that_diverges_widens_no_table_and_flattens_no_other_run() throws IOException {
        Problem regression = Problem.regression(examples(6), Losses.on(Compute.cpu(silent())));
        List<Curve> curves = new ArrayList<>(demo().descend(regression, STEPS, examples(7)));
        String usual = DescentReport.text(Map.of(regression, curves), folder, 1);
        int widest = usual.lines().mapToInt(String::length).max().orElseThrow();
        double spread = spread(regression, curves);
        Curve first = curves.get(0);
        List<StepRecord> records = new ArrayList<>();
        for (int step = 0; step < 100; step++) {
            double loss = 2 * Math.pow(1000, step);
            records.add(new StepRecord(step, loss, loss, 0, 0.1, Double.NaN, 1000 * loss, 0));
        }
        curves.add(new Curve(
                "diverging",
                first.rule(),
                records,
                Optional.empty(),
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                List.of()));
        String text = DescentReport.text(Map.of(regression, curves), folder, 1);
        text.lines().forEach(line -> assertTrue(line.length() <= widest + 40, line));
        assertTrue(text.contains("2.00e+300"), text);
        assertTrue(spread(regression, curves) > spread / 2, "the others are pressed flat");
        assertTrue(DescentChart.losses(regression, curves).labels().contains("diverging (leaves the chart)"));
    }

    /** How high the first rule's line is, in pixels. */
    private static double spread(Problem problem, List<Curve> curves) {
        Matcher line = Pattern.compile("<polyline style=\"[^\"]*stroke-width:2[^\"]*\" points=\"([^\"]*)\"")
                .matcher(DescentChart.losses(problem, curves).svg());
        assertTrue(line.find());
        double[] heights = Arrays.stream(line.group(1).split(" ", -1))
                .mapToDouble(point -> Double.parseDouble(point.split(",", -1)[1]))
                .toArray();
        return Arrays.stream(heights).max().orElseThrow()
                - Arrays.stream(heights).min().orElseThrow();
    }

    @Test
    void accuracy_is_that_of_the_parameters_given() {
        DataSet data = examples(8);
        Problem regression = Problem.regression(data, Losses.on(Compute.cpu(silent())));
        double[] before = ParameterVectors.of(regression.graph());
        double[] zero = new double[before.length];
        // All classes alike: the first one is guessed.
        double first = data.getLabels().getColumn(0).meanNumber().doubleValue();
        assertEquals(first, regression.accuracy(zero, data), 1e-12);
    }
}
