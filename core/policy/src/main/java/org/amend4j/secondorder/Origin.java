/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import java.util.ArrayList;
import java.util.List;

/**
 * How a report's numbers came about; components as in {@link SecondOrderReport}.
 *
 * @param assumptions of intervals
 * @param allDirections whether the upper estimate of λ_max is a bound
 */
record Origin(
        List<String> assumptions,
        boolean allDirections,
        double error,
        int trajectories,
        long environmentSteps,
        long seed,
        int starts,
        int lanczosSteps,
        boolean converged,
        double gradientStep,
        double scoreStep) {

    Origin {
        assumptions = List.copyOf(assumptions);
    }

    /** Nothing was sampled. */
    static Origin exact(int dimension) {
        return new Origin(List.of(), true, 0, 0, 0, 0, 0, dimension, true, 0, 0);
    }

    /** Of a verdict: only one speaks of directions that were not seen. */
    List<String> assumptionsOf(SaddleVerdict verdict) {
        List<String> all = new ArrayList<>(assumptions);
        if (!allDirections && verdict == SaddleVerdict.SOSP_CONSISTENT) {
            all.add("no direction curves upwards by more than the estimate of Lanczos's method");
        }
        return all;
    }

    boolean isExact() {
        return trajectories == 0;
    }
}
