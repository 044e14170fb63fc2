/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;
import org.amend4j.graph.Records;
import org.amend4j.objective.RecordObjective;

/**
 * What an executor says of a block that it has read.
 *
 * @param block its number
 * @param subjects of its records, by id
 * @param settingsFingerprint of the function
 * @param fingerprint of the function on these records
 */
record BlockReport(long block, Map<Long, Long> subjects, String settingsFingerprint, String fingerprint)
        implements Serializable {

    static BlockReport of(long block, Records records, RecordObjective objective) {
        Map<Long, Long> subjects = new TreeMap<>();
        for (int k = 0; k < records.size(); k++) {
            subjects.put(records.ids().get(k), records.subject(k));
        }
        return new BlockReport(block, subjects, objective.settingsFingerprint(), objective.fingerprint());
    }
}
