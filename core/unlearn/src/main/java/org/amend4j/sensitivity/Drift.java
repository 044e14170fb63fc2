/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import java.util.List;
import java.util.OptionalInt;
import org.amend4j.descent.Assurance;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Upward;

/**
 * How far a trajectory can be from the retrained one.
 *
 * @param path D_1, ..., D_T with the bound that was active at each step
 * @param firstContaminated the first step that used a deleted record or had its end displaced; -1 if the start was; empty if none
 * @param assurance the weakest of the constants that the last distance rests on
 * @param computed D_T of the computed trajectories, which round at every step; at least the last distance of the path
 */
public record Drift(List<StepBound> path, OptionalInt firstContaminated, Assurance assurance, double computed) {

    /** Copies the path. */
    public Drift {
        path = List.copyOf(path);
        Checks.notNegativeOrInfinite("the distance of computed trajectories", computed);
    }

    /**
     * Δ of the computed trajectories: what noise has to cover. Before the first contaminated step both are the same bits, so
     * that nothing is added there.
     */
    public Sensitivity computedSensitivity() {
        return Sensitivity.of(computed);
    }

    /** How much of it is rounding, rounded up. */
    public double rounding() {
        double exact = path.isEmpty() ? 0 : path.get(path.size() - 1).distance();
        return exact == Double.POSITIVE_INFINITY ? 0 : Math.max(0, Upward.add(computed, -exact));
    }

    /** Δ = D_T, in exact arithmetic. */
    public Sensitivity sensitivity() {
        return path.isEmpty()
                ? new Sensitivity.Bounded(0)
                : Sensitivity.of(path.get(path.size() - 1).distance());
    }

    /** Whether no step used a deleted record and none was displaced, so that the result is the retrained one itself, without noise. */
    public boolean isExact() {
        return firstContaminated.isEmpty();
    }

    /** At how many steps a bound was the least one. */
    public int count(StepBound.Active active) {
        return (int) path.stream().filter(step -> step.active() == active).count();
    }
}
