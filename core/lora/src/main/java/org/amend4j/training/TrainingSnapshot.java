/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.training;

import java.util.List;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.validation.Checks;

/**
 * Everything that the steps of a training still to come depend on, besides its records, their order, and its rule: a session that goes
 * on from here makes the parameters that the one it was taken from would have made, to the bit, on the same machine.
 *
 * @param type of the numbers, FLOAT or DOUBLE; floats are widened, which is exact
 * @param steps made so far, at least 0
 * @param parameters after these; owned by the snapshot, not to be changed
 * @param memory of the optimizer, vectors as long as it has them: none for SGD, both running means for Adam; owned as well
 */
@SuppressWarnings("ArrayRecordComponent") // a copy of millions of numbers per access would be the larger surprise
public record TrainingSnapshot(ElementType type, int steps, double[] parameters, List<double[]> memory) {

    /** @throws IllegalArgumentException if the type is neither, or steps are negative */
    public TrainingSnapshot {
        if (!type.isReal()) {
            throw new IllegalArgumentException("a snapshot of a training must be of FLOAT or DOUBLE, got " + type);
        }
        Checks.atLeast(0, "steps of a snapshot", steps);
        memory = List.copyOf(memory);
    }

    /**
     * Refuses to go on from here in a training of another kind.
     *
     * @param other where that training is
     * @throws IllegalArgumentException naming what differs
     */
    public void requireLike(TrainingSnapshot other) {
        if (!description().equals(other.description())) {
            throw new IllegalArgumentException(
                    "a training with " + other.description() + " cannot go on from a snapshot with " + description());
        }
    }

    private String description() {
        List<Integer> lengths = memory.stream().map(vector -> vector.length).toList();
        return parameters.length + " parameters of " + type + " and "
                + (lengths.isEmpty() ? "an optimizer without memory" : "an optimizer's memory of " + lengths);
    }
}
