/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import java.util.Objects;

/**
 * The outputs of shadow models on the records of both groups of subjects: models that the attacker trains like the audited one,
 * each on a different part of these subjects, so that for each record some were trained with it and some were not. Whether a subject
 * was deleted or never seen makes no difference here.
 *
 * @param deleted about the records to be forgotten
 * @param unseen about records of subjects that the audited model was never trained on
 */
public record Shadows(Group deleted, Group unseen) {

    /** @throws NullPointerException if a group is missing */
    public Shadows {
        Objects.requireNonNull(deleted, "deleted");
        Objects.requireNonNull(unseen, "unseen");
    }

    /**
     * Of one group of people, in the order of the group's subjects; not copied.
     *
     * @param with [records][shadows], {@link ModelOutputs#confidences} of shadows trained with the record
     * @param without [records][shadows], of shadows that never saw it
     */
    @SuppressWarnings("ArrayRecordComponent") // many numbers, made for one use
    public record Group(double[][] with, double[][] without) {}
}
