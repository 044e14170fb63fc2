/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.deletion;

import java.time.Instant;
import org.amend4j.transparency.TreeHash;

/** How a version of the format writes lines and ties each to all before. */
abstract sealed class LedgerFormat permits ChainFormat, TreeFormat {

    static final String NO_HASH = "0".repeat(64);

    private final int version;
    private final LedgerLine lines;

    LedgerFormat(int version, LedgerLine lines) {
        this.version = version;
        this.lines = lines;
    }

    /** 1, 2, ... */
    final int version() {
        return version;
    }

    final LedgerLine lines() {
        return lines;
    }

    /** An entry with the hash that belongs to it. */
    final LedgerEntry hashed(LedgerEntry entry) {
        return entry.withHash(hash(entry));
    }

    /** The hash that belongs to an entry. */
    abstract String hash(LedgerEntry entry);

    /** What ties the next entry to those of a history. */
    abstract String link(LedgerHistory before);

    /** The leaf of an entry in the tree that heads are of. */
    abstract TreeHash leaf(LedgerEntry entry);

    /** The time of an entry that is made now, after one of another time. */
    abstract Instant next(Instant last, Instant now);

    /** Whether entries may have these times, one after the other. */
    abstract boolean inOrder(Instant last, Instant next);
}
