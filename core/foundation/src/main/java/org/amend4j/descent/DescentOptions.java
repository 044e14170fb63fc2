/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.descent;

import java.util.Objects;
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
public record DescentOptions(
        int steps, double stopAtGradientNorm, CheckpointSchedule checkpoints, Consumer<StepRecord> observer) {

    /** @throws IllegalArgumentException if a number is out of its range */
    public DescentOptions {
        Checks.atLeast(0, "the number of steps", steps);
        Checks.notNegative("the gradient norm to stop at", stopAtGradientNorm);
        Objects.requireNonNull(checkpoints, "checkpoints");
        Objects.requireNonNull(observer, "observer");
    }

    /** A number of steps, unless the gradient vanishes; a checkpoint after the last. */
    public static DescentOptions of(int steps) {
        return new DescentOptions(steps, 0, CheckpointSchedule.lastOnly(), record -> {});
    }

    /** Also ends where ‖∇J‖ is at most this. */
    public DescentOptions withStopAtGradientNorm(double norm) {
        return new DescentOptions(steps, norm, checkpoints, observer);
    }

    /** Also keeps these checkpoints. */
    public DescentOptions withCheckpoints(CheckpointSchedule schedule) {
        return new DescentOptions(steps, stopAtGradientNorm, schedule, observer);
    }

    /** Tells somebody of every step. */
    public DescentOptions withObserver(Consumer<StepRecord> listener) {
        return new DescentOptions(steps, stopAtGradientNorm, checkpoints, listener);
    }
}
