/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.evaluation;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.amend4j.internal.validation.Checks;

/** Aggregates learning curves of several seeds on a common grid, such as returns after every 10,000 steps. Immutable. */
public final class LearningCurves {

    private final double[][] curves;

    private LearningCurves(double[][] curves) {
        this.curves = curves;
    }

    /**
     * Copies the curves.
     *
     * @param curves [seeds][points], at least one of each, finite
     * @throws IllegalArgumentException if lengths differ or a number is not finite
     */
    public static LearningCurves of(double[][] curves) {
        Checks.atLeast(1, "the number of seeds", curves.length);
        int points = Checks.atLeast(1, "the number of points", curves[0].length);
        double[][] copy = new double[curves.length][];
        for (int seed = 0; seed < curves.length; seed++) {
            if (curves[seed].length != points) {
                throw new IllegalArgumentException("every curve must have " + points + " points, got "
                        + curves[seed].length + " (seed " + seed + ")");
            }
            for (double number : curves[seed]) {
                Checks.finite("a point of a curve (seed " + seed + ")", number);
            }
            copy[seed] = curves[seed].clone();
        }
        return new LearningCurves(copy);
    }

    /** Number of points. */
    public int points() {
        return curves[0].length;
    }

    /** The interquartile mean over the seeds at each point; for a single seed, its curve. */
    public double[] interquartileMeans() {
        return IntStream.range(0, points())
                .mapToDouble(point -> at(point).interquartileMean())
                .toArray();
    }

    /**
     * The interquartile mean at each point with its interval. All points use the same resamples of the seeds. Intervals hold
     * point by point, not for the curve as a whole.
     *
     * @throws IllegalArgumentException if there is only one seed
     */
    public List<Estimate> estimates(Bootstrap bootstrap) {
        return IntStream.range(0, points())
                .mapToObj(point -> bootstrap.estimate(at(point), Scores::interquartileMean))
                .toList();
    }

    /** The scores of all seeds at a point. */
    public Scores at(int point) {
        return Scores.ofOneTask(Arrays.stream(curves).mapToDouble(c -> c[point]).toArray());
    }
}
