/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.unlearn;

import java.io.IOException;
import java.util.function.ToDoubleFunction;
import org.amend4j.unlearn.MemoryVault;

/** What a training from the start needs to be as good as a whole one. */
final class ColdRuns {

    private ColdRuns() {}

    /**
     * The first checkpoint from which on a training stays within a margin of its end.
     *
     * @param quality of parameters; more is better
     */
    static int steps(MemoryVault training, ToDoubleFunction<double[]> quality, double within) throws IOException {
        int first = training.steps().last();
        double end = quality.applyAsDouble(training.read(first));
        for (int step : training.steps().descendingSet()) {
            if (end - quality.applyAsDouble(training.read(step)) > within) {
                break;
            }
            first = step;
        }
        return first;
    }
}
