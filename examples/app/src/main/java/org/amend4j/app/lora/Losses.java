/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.lora;

import java.util.Locale;
import java.util.Optional;

/**
 * Where a training began and ended. Both are losses of batches before their step, so the last step's effect is in neither.
 *
 * @param first of the first batch
 * @param last mean of the last epoch's batches
 * @param steps how many were made
 */
public record Losses(double first, double last, int steps) {

    /** Losses of equal parameters differ by less in single precision: sums of up to some thousand terms. */
    private static final double ROUNDING = 1e-5;

    /** Times the first loss, or 1 if that is less: no training that goes on learning is there. */
    private static final double DIVERGED = 1e4;

    /** A sentence for the user, if the training ended so far above its start that nothing is left of the model. */
    public Optional<String> divergence() {
        return last > DIVERGED * Math.max(1, first)
                ? Optional.of(String.format(
                        Locale.ROOT,
                        "the training diverged: its loss ends at %.5g after %.5g for the first batch; a smaller --lr may help",
                        last,
                        first))
                : Optional.empty();
    }

    /** A sentence for the user, if the training ended at its start or above it. One step has nothing to compare. */
    public Optional<String> warning() {
        if (steps < 2 || last < first - ROUNDING * Math.abs(first)) {
            return Optional.empty();
        }
        return Optional.of(
                last > first + ROUNDING * Math.abs(first)
                        ? String.format(
                                Locale.ROOT,
                                "the loss ends above its start, at %.5g after %.5g for the first batch: a smaller --lr may help",
                                last,
                                first)
                        : String.format(Locale.ROOT, "the loss has not moved from %.5g: another --lr may help", first));
    }
}
