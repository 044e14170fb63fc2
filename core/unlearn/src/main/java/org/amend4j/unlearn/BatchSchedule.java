package org.amend4j.unlearn;

import org.amend4j.objective.RecordIds;

/**
 * Which records a step uses. Whether one record belongs to a step never depends on another, so that the batches of the smaller
 * data set are those of the larger one less the deleted records: {@code at(D \ Z, t) = at(D, t) \ Z}.
 */
public sealed interface BatchSchedule permits WholeSet, KeyedBatches, KeyedEpochs, RecordedBatches {

    /**
     * Those of some records that belong to a step; may be empty.
     *
     * @param step >= 0
     */
    RecordIds at(RecordIds records, int step);

    /** The share of all records that a step uses on average, in (0, 1]; public, and what a fixed normaliser is multiplied by. */
    double rate();

    /** The schedule in words that tell different schedules apart without giving their key away. */
    String description();
}
