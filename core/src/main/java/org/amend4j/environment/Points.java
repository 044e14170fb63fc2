package org.amend4j.environment;

import java.util.Arrays;

/** Checks of single points, as fast loops. */
final class Points {

    private Points() {}

    static boolean allFinite(double[] point) {
        for (double x : point) {
            if (!Double.isFinite(x)) {
                return false;
            }
        }
        return true;
    }

    /** Whether it can be clipped into a box, or is an index. */
    static boolean isAction(Space space, double[] action) {
        return space instanceof Space.Discrete discrete
                ? discrete.contains(action)
                : action.length == space.size() && allFinite(action);
    }

    /** As {@link #isAction}: a box's bounds may be missed by an environment's own rounding. */
    static boolean isObservation(Space space, double[] observation) {
        return isAction(space, observation);
    }

    static String misfit(String what, Space space, double[] point) {
        return what + " must be finite and fit " + space + ", got " + Arrays.toString(point);
    }
}
