/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.algorithm;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.internal.validation.Checks;

/**
 * The returns of a training over its steps. It listens ({@link PolicyTraining#listen}) and then gives a curve on a grid of steps that
 * other runs share, for a chart or for {@link org.amend4j.evaluation.LearningCurves}. Not thread-safe.
 */
public final class ReturnCurve implements TrainingListener {

    /** Episodes that a point is the mean of, as many as there were. */
    public static final int WINDOW = 100;

    private record Point(long steps, int episodes, double mean) {}

    private final List<Point> points = new ArrayList<>();

    /** Without a point. */
    public ReturnCurve() {}

    /**
     * Steps 1/points to all of a run, evenly spaced.
     *
     * @param steps at least 1
     * @param points at least 1
     */
    public static double[] grid(long steps, int points) {
        if (steps < 1) {
            throw new IllegalArgumentException("the steps of a grid must be >= 1, got " + steps);
        }
        double[] grid = new double[Checks.atLeast(1, "the number of points", points)];
        for (int i = 0; i < points; i++) {
            grid[i] = (double) steps * (i + 1) / points;
        }
        return grid;
    }

    @Override
    public void updated(UpdateRecord record, double stepsPerSecond) {
        record.get(Metric.RETURN)
                .ifPresent(mean -> add(record.steps(), record.episodes().size(), mean));
    }

    /**
     * Adds what an update measured, as its listener does.
     *
     * @param steps so far, not fewer than before
     * @param episodes that ended, at least 1
     * @param mean of their returns, finite
     */
    public void add(long steps, int episodes, double mean) {
        if (steps < steps()) {
            throw new IllegalArgumentException("steps must ascend, got " + steps + " after " + steps());
        }
        Checks.atLeast(1, "the number of episodes", episodes);
        points.add(new Point(steps, episodes, Checks.finite("the mean return at step " + steps, mean)));
    }

    /** Steps when the last episodes ended; 0 if none has. */
    public long steps() {
        return points.isEmpty() ? 0 : points.get(points.size() - 1).steps;
    }

    /**
     * The mean return of the last {@link #WINDOW} episodes at each point of a grid. Before the first episode it is the first one's;
     * after the run's end it stays.
     *
     * @param grid steps, ascending
     * @throws IllegalArgumentException if the grid is not of ascending numbers from 0 on
     * @throws IllegalStateException if no episode has ended
     */
    public double[] on(double... grid) {
        check(grid);
        if (points.isEmpty()) {
            throw new IllegalStateException("a curve needs an episode that has ended, got none");
        }
        double[] curve = new double[grid.length];
        int next = 0;
        for (int i = 0; i < grid.length; i++) {
            while (next < points.size() && points.get(next).steps <= grid[i]) {
                next++;
            }
            curve[i] = mean(points.subList(0, Math.max(1, next)));
        }
        return curve;
    }

    /**
     * As {@link #on}, but NaN after the run's end, which charts leave out: at points of the grid, but the first, above {@link #steps}.
     *
     * @param grid steps, ascending
     * @throws IllegalArgumentException if the grid is not of ascending numbers from 0 on
     * @throws IllegalStateException if no episode has ended
     */
    public double[] untilItsEnd(double... grid) {
        double[] curve = on(grid);
        for (int i = 1; i < grid.length; i++) {
            curve[i] = grid[i] <= steps() ? curve[i] : Double.NaN;
        }
        return curve;
    }

    private static void check(double[] grid) {
        double last = 0;
        for (int i = 0; i < grid.length; i++) {
            if (!(grid[i] >= last)) {
                throw new IllegalArgumentException("steps of a grid must ascend from 0 on, got " + grid[i] + " after "
                        + last + " (point " + i + ")");
            }
            last = Checks.finite("a point of a grid (point " + i + ")", grid[i]);
        }
    }

    private static double mean(List<Point> points) {
        double sum = 0;
        int episodes = 0;
        for (int i = points.size() - 1; i >= 0 && episodes < WINDOW; i--) {
            sum += points.get(i).episodes * points.get(i).mean;
            episodes += points.get(i).episodes;
        }
        return sum / episodes;
    }
}
