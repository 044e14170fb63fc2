/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.Serializable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What every block was when it was first read: whoever reads one later, after a failure for instance, must find the same. */
final class BlockPrints implements Serializable {

    private static final long serialVersionUID = 1;

    private final Map<Long, String> fingerprints;

    private BlockPrints(Map<Long, String> fingerprints) {
        this.fingerprints = fingerprints;
    }

    static BlockPrints of(List<BlockReport> reports) {
        Map<Long, String> fingerprints = new HashMap<>();
        reports.forEach(report -> fingerprints.put(report.block(), report.fingerprint()));
        return new BlockPrints(fingerprints);
    }

    /**
     * Checks what was read.
     *
     * @throws IllegalArgumentException if it is not what it was
     */
    void require(long block, String found) {
        if (!found.equals(fingerprints.get(block))) {
            throw new IllegalArgumentException(
                    "a block must stay as it was when it was first read, got other records (block " + block + ")");
        }
    }
}
