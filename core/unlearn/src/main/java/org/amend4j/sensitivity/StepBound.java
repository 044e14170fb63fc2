/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import java.util.Objects;
import org.amend4j.internal.validation.Checks;

/**
 * How far apart two trajectories can be after a step.
 *
 * @param distance >= 0; may be infinite
 * @param active which of the bounds of {@link StepMap#bound} was the least
 */
public record StepBound(double distance, Active active) {

    /** Which bound was the least. */
    public enum Active {
        /** None was needed: the trajectories are the same. */
        SAME,
        /** ρ·x + η·d, which rests on L unless x = 0. */
        RECURSION,
        /** What the gradients can do at most. */
        CAP,
        /** The set in which the parameters are kept. */
        DIAMETER
    }

    static final StepBound SAME = new StepBound(0, Active.SAME);

    /** @throws IllegalArgumentException if the distance is negative or NaN */
    public StepBound {
        Checks.notNegativeOrInfinite("the distance", distance);
        Objects.requireNonNull(active, "active");
    }
}
