/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import org.amend4j.identity.Facts;
import org.amend4j.objective.RecordIds;

/** Every step uses every record: full-batch gradient descent. */
public record WholeSet() implements BatchSchedule {

    @Override
    public RecordIds at(RecordIds records, int step) {
        return records;
    }

    @Override
    public double rate() {
        return 1;
    }

    @Override
    public Facts facts() {
        return Facts.sentence("all records at every step");
    }
}
