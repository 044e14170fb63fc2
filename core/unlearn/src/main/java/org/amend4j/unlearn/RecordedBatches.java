/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.security.MessageDigest;
import java.util.List;
import org.amend4j.identity.Facts;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.internal.validation.Checks;
import org.amend4j.objective.RecordIds;

/**
 * The batches of a finished run, recorded while it ran: a step uses those of its recorded records that are still retained.
 * Such a run is compared with the run over the recorded batches less the deleted records; how the batches were drawn is treated
 * as public.
 *
 * @param batches of each step, all of the same size
 * @param records of the whole set that they were drawn from
 */
public record RecordedBatches(List<RecordIds> batches, int records) implements BatchSchedule {

    /** @throws IllegalArgumentException if there are none, or their sizes differ */
    public RecordedBatches {
        batches = List.copyOf(batches);
        Checks.atLeast(1, "the number of recorded batches", batches.size());
        int size =
                Checks.atLeast(1, "the size of a recorded batch", batches.get(0).size());
        Checks.inRange(1, records, "the size of a recorded batch", size);
        for (int t = 0; t < batches.size(); t++) {
            if (batches.get(t).size() != size) {
                throw new IllegalArgumentException(
                        "recorded batches must be of one size, since their sums are divided by one" + " number, got "
                                + size + " records at step 0 and "
                                + batches.get(t).size() + " at step " + t);
            }
        }
    }

    /** How many records every batch has, and what its sum is divided by. */
    public int size() {
        return batches.get(0).size();
    }

    @Override
    public RecordIds at(RecordIds some, int step) {
        return RecordIds.of(batches.get(step).stream().filter(some::contains).toArray());
    }

    @Override
    public double rate() {
        return (double) size() / records;
    }

    @Override
    public Facts facts() {
        MessageDigest digest = Sha256.start();
        batches.forEach(batch -> digest.update(batch.bytes()));
        return Facts.sentence("recorded batches of " + size() + " records")
                .since(2)
                .with("steps", batches.size())
                .with("records", records)
                .with("digest", Sha256.hex(digest));
    }

    /** The description: the batches are long. */
    @Override
    public String toString() {
        return description();
    }
}
