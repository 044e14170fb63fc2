/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.amend4j.chart.Chart;
import org.amend4j.chart.Colour;
import org.amend4j.evaluation.Bootstrap;
import org.amend4j.evaluation.Estimate;
import org.amend4j.evaluation.LearningCurves;

/**
 * A chart of learning curves.
 *
 * @param chart what is drawn so far
 * @param estimates of the curves drawn last, one a point, for reports; empty if it was one seed
 */
record LearningChart(Chart chart, List<Estimate> estimates) {

    /** Resamples of an interval in a picture. */
    private static final Bootstrap BOOTSTRAP = Bootstrap.usual(1).withResamples(2_000);

    /** Without curves. */
    static LearningChart of(String title) {
        return new LearningChart(Chart.of(title, "environment steps", "return, mean of about 100 episodes"), List.of());
    }

    /**
     * With the curves of several seeds as one: thin lines for the seeds, their interquartile mean, and its 95 % interval as dashed lines if
     * there is more than one seed. A seed's line ends with its run; mean and interval end with the first one's, as those of the others
     * alone are the mean of other seeds.
     *
     * @param curves [seeds][points], NaN after a run's end; the first point of each is a number
     */
    LearningChart with(Colour colour, String label, double[] steps, double[][] curves) {
        if (curves.length == 1) {
            return new LearningChart(chart.line(label, colour, steps, curves[0]), List.of());
        }
        LearningCurves all = together(curves);
        double[] common = Arrays.copyOf(steps, all.points());
        boolean shorter = common.length < steps.length;
        String name = shorter ? label + " until the first ends" : label;
        List<Estimate> found = all.estimates(BOOTSTRAP);
        Chart drawn = chart.each(label + ", seed", colour, steps, curves)
                .line(name, colour, common, all.interquartileMeans())
                .interval(common, numbers(found, Estimate::low), numbers(found, Estimate::high));
        // a name at the mean's end would lie on the lines that go on
        return new LearningChart(shorter ? drawn.withLegend() : drawn, found);
    }

    /** Curves as far as all of them go. */
    static LearningCurves together(double[][] curves) {
        int points = Arrays.stream(curves)
                .mapToInt(curve ->
                        (int) Arrays.stream(curve).takeWhile(Double::isFinite).count())
                .min()
                .orElseThrow();
        return LearningCurves.of(
                Arrays.stream(curves).map(curve -> Arrays.copyOf(curve, points)).toArray(double[][]::new));
    }

    /** With a level line. */
    LearningChart level(String label, double y) {
        return new LearningChart(chart.level(label, y), estimates);
    }

    private static double[] numbers(List<Estimate> estimates, ToDoubleFunction<Estimate> end) {
        return estimates.stream().mapToDouble(end).toArray();
    }
}
