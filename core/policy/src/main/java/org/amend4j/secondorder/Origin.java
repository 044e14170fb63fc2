/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.objective.Precision;

/**
 * What a verdict's words need to know of how its numbers came about.
 *
 * @param assumptions of intervals
 * @param allDirections whether the upper estimate of λ_max is a bound
 * @param error as in {@link Statement}
 */
record Origin(List<String> assumptions, boolean allDirections, double error, Computation computation) {

    Origin {
        assumptions = List.copyOf(assumptions);
    }

    /** Nothing was sampled. */
    static Origin exact(int dimension) {
        return new Origin(
                List.of(),
                true,
                0,
                new Computation(
                        Computation.Sampling.NONE,
                        Computation.EigenSearch.ofAll(dimension),
                        0,
                        0,
                        Precision.DOUBLE.name()));
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
        return computation.isExact();
    }
}
