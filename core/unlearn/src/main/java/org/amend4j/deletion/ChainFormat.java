/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.deletion;

import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import org.amend4j.deletion.LedgerLine.Escape;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.transparency.TreeHash;

/**
 * Format 1: every line has the hash of the one before; times are the clock's. Ledgers that began in this format continue in
 * it.
 */
final class ChainFormat extends LedgerFormat {

    ChainFormat() {
        super(1, new LedgerLine("previous", Escape::byNumber));
    }

    /** SHA-256 of the bytes of the previous hash and the line without its hash. */
    @Override
    String hash(LedgerEntry entry) {
        MessageDigest sha = Sha256.start();
        sha.update(HexFormat.of().parseHex(entry.link()));
        return HexFormat.of().formatHex(sha.digest(lines().body(entry)));
    }

    @Override
    String link(LedgerHistory before) {
        return before.lastHash();
    }

    @Override
    TreeHash leaf(LedgerEntry entry) {
        return TreeHash.leaf(HexFormat.of().parseHex(entry.hash()));
    }

    @Override
    Instant next(Instant last, Instant now) {
        return now;
    }

    @Override
    boolean inOrder(Instant last, Instant next) {
        return true;
    }
}
