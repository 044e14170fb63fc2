/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.deletion;

import java.util.List;
import org.amend4j.transparency.TreeHash;
import org.amend4j.transparency.TreeHead;

/** A ledger as it was when it was read and verified; needs no key and writes nothing. */
public final class LedgerReading {

    private final LedgerHistory history;

    LedgerReading(LedgerHistory history) {
        this.history = history;
    }

    /** The version of the format in which its lines are written. */
    public int format() {
        return history.format().version();
    }

    /** All entries. */
    public List<LedgerEntry> entries() {
        return history.entries();
    }

    /** What its heads are signed under. */
    public String origin() {
        return history.origin();
    }

    /** Its size and the root of its tree. */
    public TreeHead head() {
        return history.head();
    }

    /** As {@link DeletionLedger#consistencyProof}. */
    public List<TreeHash> consistencyProof(int size) {
        return history.consistencyProof(size);
    }

    /** As {@link DeletionLedger#requireContains}. */
    public void requireContains(TreeHead kept) throws DamagedLedgerException {
        history.requireContains(kept);
    }
}
