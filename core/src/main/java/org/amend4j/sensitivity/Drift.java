package org.amend4j.sensitivity;

import java.util.List;
import java.util.OptionalInt;
import org.amend4j.descent.Evidence;

/**
 * How far a trajectory can be from the retrained one.
 *
 * @param path D_1, ..., D_T with the bound that was active at each step
 * @param firstContaminated the first step that used a deleted record; empty if none did
 * @param evidence the weakest of the constants that the last distance rests on
 */
public record Drift(List<StepBound> path, OptionalInt firstContaminated, Evidence evidence) {

    /** Copies the path. */
    public Drift {
        path = List.copyOf(path);
    }

    /** Δ = D_T. */
    public Sensitivity sensitivity() {
        return path.isEmpty()
                ? new Sensitivity.Bounded(0)
                : Sensitivity.of(path.get(path.size() - 1).distance());
    }

    /** Whether no step used a deleted record, so that the result is the retrained one itself, without noise. */
    public boolean isExact() {
        return firstContaminated.isEmpty();
    }

    /** At how many steps a bound was the least one. */
    public int count(StepBound.Active active) {
        return (int) path.stream().filter(step -> step.active() == active).count();
    }
}
