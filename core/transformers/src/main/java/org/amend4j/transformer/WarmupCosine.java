/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import org.amend4j.internal.validation.Checks;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A learning rate that rises linearly to its peak and then falls to a part of it along half a cosine, by iterations: at step t, from 0,
 * peak·(t + 1)/(warmup + 1) for {@code t < warmup}, and then peak·(floor + (1 − floor)·(1 + cos(π(t − warmup)/(steps − warmup)))/2); from
 * {@code steps} on peak·floor.
 *
 * <p>Class and field names are part of Deeplearning4j's file format.
 *
 * @param peak > 0
 * @param warmup steps that rise, >= 0
 * @param steps all steps, above warmup
 * @param floor part of the peak that is left in the end, in [0, 1]
 */
public record WarmupCosine(
        @JsonProperty("peak") double peak,
        @JsonProperty("warmup") int warmup,
        @JsonProperty("steps") int steps,
        @JsonProperty("floor") double floor)
        implements ISchedule {

    /** @throws IllegalArgumentException if a component breaks its rule */
    public WarmupCosine {
        Checks.positive("the peak of a learning rate", peak);
        Checks.atLeast(0, "warmup", warmup);
        Checks.atLeast(warmup + 1, "steps", steps);
        if (!(floor >= 0 && floor <= 1)) {
            throw new IllegalArgumentException("the floor of a learning rate must be in [0, 1], got " + floor);
        }
    }

    @Override
    public double valueAt(int iteration, int epoch) {
        if (iteration < warmup) {
            return peak * (iteration + 1) / (warmup + 1);
        }
        double part = Math.min(1, (double) (iteration - warmup) / (steps - warmup));
        return peak * (floor + (1 - floor) * (1 + StrictMath.cos(Math.PI * part)) / 2);
    }

    @Override
    @SuppressWarnings("MethodDoesntCallSuperMethod") // of a value
    public ISchedule clone() {
        return this;
    }
}
