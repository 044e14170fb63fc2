/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.objective.RecordIds;

/**
 * Which records a step uses. Whether one record belongs to a step never depends on another, so that the batches of the smaller
 * data set are those of the larger one less the deleted records: {@code at(D \ Z, t) = at(D, t) \ Z}.
 */
public sealed interface BatchSchedule extends Identified permits WholeSet, KeyedBatches, KeyedEpochs, RecordedBatches {

    /**
     * Those of some records that belong to a step; may be empty.
     *
     * @param step >= 0
     */
    RecordIds at(RecordIds records, int step);

    /** The share of all records that a step uses on average, in (0, 1]; public, and what a fixed normaliser is multiplied by. */
    double rate();

    /** Everything that results depend on, without giving a key away. */
    @Override
    Facts facts();

    /** The schedule in words, which are the first version of its facts: names of vaults hold them. */
    default String description() {
        return facts().first();
    }
}
