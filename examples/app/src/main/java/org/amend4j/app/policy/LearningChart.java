/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

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
     * there is more than one seed.
     *
     * @param curves [seeds][points]
     */
    LearningChart with(Colour colour, String label, double[] steps, double[][] curves) {
        LearningCurves all = LearningCurves.of(curves);
        if (curves.length == 1) {
            return new LearningChart(chart.line(label, colour, steps, all.interquartileMeans()), List.of());
        }
        List<Estimate> found = all.estimates(BOOTSTRAP);
        Chart drawn = chart.each(label + ", seed", colour, steps, curves)
                .line(label, colour, steps, all.interquartileMeans())
                .interval(steps, numbers(found, Estimate::low), numbers(found, Estimate::high));
        return new LearningChart(drawn, found);
    }

    /** With a level line. */
    LearningChart level(String label, double y) {
        return new LearningChart(chart.level(label, y), estimates);
    }

    private static double[] numbers(List<Estimate> estimates, ToDoubleFunction<Estimate> end) {
        return estimates.stream().mapToDouble(end).toArray();
    }
}
