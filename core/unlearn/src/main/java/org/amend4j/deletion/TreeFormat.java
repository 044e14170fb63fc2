/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.deletion;

import java.time.Instant;
import org.amend4j.deletion.LedgerLine.Escape;
import org.amend4j.transparency.TreeHash;

/**
 * Format 2: lines are JSON of RFC 8785, every line is a leaf of the Merkle tree of RFC 9162 and has the root of the tree before it;
 * times never run backwards.
 */
final class TreeFormat extends LedgerFormat {

    TreeFormat() {
        super(2, new LedgerLine("root", Escape::byLetter));
    }

    /** The leaf hash of the line without its hash. */
    @Override
    String hash(LedgerEntry entry) {
        return TreeHash.leaf(lines().body(entry)).hex();
    }

    @Override
    String link(LedgerHistory before) {
        return before.root().hex();
    }

    @Override
    TreeHash leaf(LedgerEntry entry) {
        return TreeHash.parse(entry.hash());
    }

    @Override
    Instant next(Instant last, Instant now) {
        return now.isBefore(last) ? last : now;
    }

    @Override
    boolean inOrder(Instant last, Instant next) {
        return !next.isBefore(last);
    }
}
