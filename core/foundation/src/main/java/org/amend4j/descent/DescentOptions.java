/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.function.Consumer;
import org.amend4j.internal.validation.Checks;

/**
 * When a run stops, and which checkpoints it leaves.
 *
 * @param steps T, steps in all (those before a resumption included), >= 0
 * @param stopAtGradientNorm the run also ends where ‖∇J‖ is at most this, >= 0
 * @param checkpoints when to keep checkpoints; the start and the last point are always kept
 * @param observer told of every step made, on the run's thread
 */
@RecordBuilder
public record DescentOptions(
        int steps, double stopAtGradientNorm, CheckpointSchedule checkpoints, Consumer<StepRecord> observer)
        implements DescentOptionsBuilder.With {

    /** @throws IllegalArgumentException if a number is out of its range */
    public DescentOptions {
        Checks.present("checkpoints", checkpoints);
        Checks.present("observer", observer);
        Checks.atLeast(0, "the number of steps", steps);
        Checks.notNegative("the gradient norm to stop at", stopAtGradientNorm);
    }

    /** A number of steps, unless the gradient vanishes; a checkpoint after the last. */
    public static DescentOptions of(int steps) {
        return new DescentOptions(steps, 0, CheckpointSchedule.lastOnly(), record -> {});
    }
}
