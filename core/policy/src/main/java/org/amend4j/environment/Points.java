/* SPDX-License-Identifier: Apache-2.0 */
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
        if (space instanceof Space.Dict dict) {
            return isPartByPart(dict, action);
        }
        return space instanceof Space.Box ? action.length == space.size() && allFinite(action) : space.contains(action);
    }

    private static boolean isPartByPart(Space.Dict dict, double[] point) {
        if (point.length != dict.size()) {
            return false;
        }
        int at = 0;
        for (Space part : dict.parts().values()) {
            if (!isAction(part, Arrays.copyOfRange(point, at, at + part.size()))) {
                return false;
            }
            at += part.size();
        }
        return true;
    }

    /** As {@link #isAction}: a box's bounds may be missed by an environment's own rounding. */
    static boolean isObservation(Space space, double[] observation) {
        return isAction(space, observation);
    }

    /** Whether a mask leaves a value for every coordinate of an action. */
    static boolean allowsEach(Space space, boolean[] mask) {
        int at = 0;
        for (int count : space instanceof Space.MultiDiscrete several ? several.counts() : new int[] {mask.length}) {
            boolean any = false;
            for (int i = 0; i < count; i++) {
                any |= mask[at + i];
            }
            if (!any) {
                return false;
            }
            at += count;
        }
        return true;
    }

    static String misfit(String what, Space space, double[] point) {
        return what + " must be finite and fit " + space + ", got " + Arrays.toString(point);
    }
}
