/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.deletion;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.amend4j.transparency.MerkleTree;
import org.amend4j.transparency.TreeHash;
import org.amend4j.transparency.TreeHead;

/**
 * The entries of a ledger and the Merkle tree over them. An entry is drafted before it is written: then the tree has it already,
 * and the entries have it once it is kept.
 */
final class LedgerHistory {

    private static final String ORIGIN = "amend4j/deletions/";
    private static final int ORIGIN_DIGITS = 32;

    private final LedgerFormat format;
    private final List<LedgerEntry> entries = new ArrayList<>();
    private final MerkleTree tree = new MerkleTree();
    private String lastHash = LedgerFormat.NO_HASH;
    private Instant lastTime = Instant.MIN;

    LedgerHistory(LedgerFormat format) {
        this.format = format;
    }

    LedgerFormat format() {
        return format;
    }

    /** Makes the next entry; nothing is changed if there is no such entry. */
    LedgerEntry draft(Instant now, EntryType type, Collection<String> subjects, Map<String, String> facts) {
        LedgerEntry entry = format.hashed(new LedgerEntry(
                tree.size(),
                format.next(lastTime, now.truncatedTo(ChronoUnit.MILLIS)),
                type,
                List.copyOf(new TreeSet<>(subjects)),
                new TreeMap<>(facts),
                format.link(this),
                LedgerFormat.NO_HASH));
        grow(entry);
        return entry;
    }

    private void grow(LedgerEntry entry) {
        tree.append(format.leaf(entry));
        lastHash = entry.hash();
        lastTime = entry.time();
    }

    /** Notes that entries that were drafted are written. */
    void keep(List<LedgerEntry> drafted) {
        entries.addAll(drafted);
    }

    /** Whether everything that was drafted is written; if not, the content of the file is not known. */
    boolean isKept() {
        return entries.size() == tree.size();
    }

    /**
     * Adds an entry that was read.
     *
     * @throws IllegalArgumentException if it is not the next one, saying why
     */
    void read(LedgerEntry entry) {
        if (entry.sequence() != tree.size()) {
            throw new IllegalArgumentException(
                    "must have sequence number " + tree.size() + ", got " + entry.sequence());
        }
        if (!entry.link().equals(format.link(this))) {
            throw new IllegalArgumentException("does not follow from the lines before");
        }
        if (!entry.hash().equals(format.hash(entry))) {
            throw new IllegalArgumentException("does not have the hash that it says");
        }
        if (!format.inOrder(lastTime, entry.time())) {
            throw new IllegalArgumentException("has an earlier time than the line before");
        }
        grow(entry);
        entries.add(entry);
    }

    /** What was read or kept; grows. */
    List<LedgerEntry> entries() {
        return Collections.unmodifiableList(entries);
    }

    /** Tells ledgers apart: of the key of its pseudonyms. */
    String origin() {
        return ORIGIN + entries.get(0).facts().getOrDefault("key", "").substring(0, ORIGIN_DIGITS);
    }

    String lastHash() {
        return lastHash;
    }

    /** Of everything that was drafted. */
    TreeHash root() {
        return tree.root();
    }

    TreeHead head() {
        return new TreeHead(entries.size(), tree.root(entries.size()));
    }

    /**
     * Proves to a holder of the head of an earlier size that the present one extends it (RFC 9162, section 2.1.4).
     */
    List<TreeHash> consistencyProof(int size) {
        return tree.consistencyProof(size, entries.size());
    }

    /** @throws DamagedLedgerException if a head that was kept elsewhere is not one of this ledger's */
    void requireContains(TreeHead kept) throws DamagedLedgerException {
        if (kept.size() > entries.size()) {
            throw new DamagedLedgerException("the ledger has " + entries.size() + " entries, and had " + kept.size()
                    + " when the head was kept: entries are missing");
        }
        if (!tree.root(kept.size()).equals(kept.root())) {
            throw new DamagedLedgerException("the ledger's first " + kept.size()
                    + " entries are not those of the head that was kept: some were changed");
        }
    }
}
