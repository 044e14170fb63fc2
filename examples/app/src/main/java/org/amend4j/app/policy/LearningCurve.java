/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.List;

/** A run's returns on a grid of steps that other runs share. */
final class LearningCurve {

    /** Points of the grid. */
    static final int POINTS = 50;

    /** A chart's x axis ends at a multiple of this. */
    private static final long ROUND = 1_000;

    /** Episodes that a point is the mean of, as many as there were. */
    static final int WINDOW = 100;

    private LearningCurve() {}

    /** The grid: the last point is the number of steps, rounded up to whole thousands. */
    static double[] grid(long steps) {
        long end = (steps + ROUND - 1) / ROUND * ROUND;
        double[] grid = new double[POINTS];
        for (int i = 0; i < POINTS; i++) {
            grid[i] = (double) end * (i + 1) / POINTS;
        }
        return grid;
    }

    /**
     * The mean return of the last episodes at each point of the grid. Before the first episode it is the first one's; after
     * the run's end it stays.
     *
     * @param points ascending by steps, at least one
     */
    static double[] of(List<Metrics.Point> points, double[] grid) {
        double[] curve = new double[grid.length];
        int next = 0;
        for (int i = 0; i < grid.length; i++) {
            while (next < points.size() && points.get(next).steps() <= grid[i]) {
                next++;
            }
            curve[i] = mean(points.subList(0, Math.max(1, next)));
        }
        return curve;
    }

    private static double mean(List<Metrics.Point> points) {
        double sum = 0;
        int episodes = 0;
        for (int i = points.size() - 1; i >= 0 && episodes < WINDOW; i--) {
            sum += points.get(i).episodes() * points.get(i).value();
            episodes += points.get(i).episodes();
        }
        return sum / episodes;
    }
}
