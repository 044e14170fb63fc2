/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

/**
 * The outputs of one model on both groups of subjects.
 *
 * @param deleted about the records to be forgotten
 * @param unseen about records of subjects that no model was ever trained on
 */
public record Observed(ModelOutputs deleted, ModelOutputs unseen) {

    /** @throws IllegalArgumentException if the groups differ in their number of classes */
    public Observed {
        if (deleted.classes() != unseen.classes()) {
            throw new IllegalArgumentException("a model must give all records as many probabilities, got "
                    + deleted.classes() + " for the deleted and " + unseen.classes() + " for the unseen");
        }
    }
}
