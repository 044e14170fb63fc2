/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.sensitivity;

import java.util.Objects;
import org.amend4j.objective.RecordIds;

/**
 * A step of the stored trajectory.
 *
 * @param map what it did
 * @param used the records it used; a full batch has all of them
 */
public record LedgerStep(StepMap map, RecordIds used) {

    /** @throws IllegalArgumentException if the normaliser replaces records: a ledger is about removals */
    public LedgerStep {
        if (map.normaliser() instanceof Normaliser.FixedReplacing) {
            throw new IllegalArgumentException(
                    "a step in a ledger must remove deleted records, got one that replaces them");
        }
        Objects.requireNonNull(used, "used");
    }
}
