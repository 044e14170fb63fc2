/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import java.util.List;

/**
 * The facts about a point of a run that step rules use.
 *
 * @param loss J(θ)
 * @param gradientNorm g, ‖∇J(θ)‖ over all parameters, > 0
 * @param adapterNorm ‖V‖, Frobenius, over all adapters
 * @param adapters each of them
 * @param directGradientNorm ‖∂J/∂h‖ over the parameters outside of adapters
 * @param shape what does not change along the run
 * @param previousStepSize the last step made, NaN before the first
 * @param rounding how far the computed loss may be from the true one
 */
public record Situation(
        double loss,
        double gradientNorm,
        double adapterNorm,
        List<AdapterState> adapters,
        double directGradientNorm,
        ProblemShape shape,
        double previousStepSize,
        double rounding) {

    /** Copies the list. */
    public Situation {
        adapters = List.copyOf(adapters);
    }
}
