/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.List;
import org.amend4j.algorithm.ReturnCurve;

/** A run's returns on a grid of steps that other runs share. */
final class LearningCurve {

    /** Points of the grid. */
    static final int POINTS = 50;

    /** Episodes that a point is the mean of, as many as there were. */
    static final int WINDOW = ReturnCurve.WINDOW;

    private LearningCurve() {}

    /** The grid: the last point is the number of steps. */
    static double[] grid(long steps) {
        return ReturnCurve.grid(steps, POINTS);
    }

    /**
     * The mean return of the last episodes at each point of the grid. Before the first episode it is the first one's; after
     * the run's end it is NaN.
     *
     * @param points ascending by steps, at least one
     */
    static double[] of(List<Metrics.Point> points, double[] grid) {
        ReturnCurve curve = new ReturnCurve();
        points.forEach(point -> curve.add(point.steps(), point.episodes(), point.value()));
        return curve.untilItsEnd(grid);
    }
}
