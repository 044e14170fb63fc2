/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.record;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.LongStream;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.random.RandomBytes;
import org.amend4j.transparency.TreeHash;

/**
 * A salted hash of every record, and the root over them. The root identifies the data and hides it: without a record's salt, guesses about
 * the record cannot be tested, whatever else is known. A forgotten record becomes a <em>tombstone</em>: its salt is destroyed, so that
 * guesses can no longer be tested, not even with this object. Its hash stays, and so the root does not change.
 *
 * <p>The entry of a record is its salt, its id, the number of its subject and its {@linkplain RecordBytes content}; its hash is the
 * entry's leaf in the Merkle tree of RFC 9162. Takes 65 bytes a record. Not thread-safe.
 */
public final class RecordCommitments {

    /** Length of a salt: 128 random bits cannot be guessed. */
    static final int SALT_BYTES = 16;

    private final long[] ids;
    private final long[] units;
    private final byte[] leaves;
    private final byte[] salts;
    private final BitSet tombstones;
    private final MessageDigest digest = Sha256.start();

    /** Takes the arrays, which are not copied. */
    RecordCommitments(long[] ids, long[] units, byte[] leaves, byte[] salts, BitSet tombstones) {
        this.ids = ids;
        this.units = units;
        this.leaves = leaves;
        this.salts = salts;
        this.tombstones = tombstones;
    }

    /**
     * Commits to records.
     *
     * @param random of the salts: {@link RandomBytes#secure} outside of tests
     * @throws IllegalArgumentException if there are no records, or their ids do not ascend
     */
    public static RecordCommitments of(RecordContents records, RandomBytes random) {
        int n = records.size();
        if (n == 0) {
            throw new IllegalArgumentException("a data set must have records, got none");
        }
        long[] ids = new long[n];
        long[] units = new long[n];
        for (int k = 0; k < n; k++) {
            ids[k] = records.id(k);
            units[k] = records.unit(k);
            if (k > 0 && ids[k] <= ids[k - 1]) {
                throw new IllegalArgumentException("record ids must ascend, got " + ids[k] + " after " + ids[k - 1]);
            }
        }
        byte[] salts = new byte[Math.multiplyExact(SALT_BYTES, n)];
        random.fill(salts);
        byte[] leaves = new byte[Math.multiplyExact(TreeHash.BYTES, n)];
        RecordCommitments made = new RecordCommitments(ids, units, leaves, salts, new BitSet());
        for (int k = 0; k < n; k++) {
            byte[] leaf = made.leaf(k, units[k], records.content(k));
            System.arraycopy(leaf, 0, leaves, k * TreeHash.BYTES, TreeHash.BYTES);
        }
        return made;
    }

    private byte[] leaf(int k, long unit, byte[] content) {
        digest.update((byte) 0);
        digest.update(salts, k * SALT_BYTES, SALT_BYTES);
        digest.update(ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(ids[k])
                .putLong(unit)
                .flip());
        return digest.digest(content);
    }

    /** The number of records, tombstones among them. */
    public int size() {
        return ids.length;
    }

    /** The id of record k, in ascending order. */
    public long id(int k) {
        return ids[k];
    }

    /** The number of its subject. */
    public long unit(int k) {
        return units[k];
    }

    /** Its hash. */
    public TreeHash leaf(int k) {
        return TreeHash.of(Arrays.copyOfRange(leaves, k * TreeHash.BYTES, (k + 1) * TreeHash.BYTES));
    }

    /** Whether a record was forgotten and its salt destroyed. */
    public boolean isTombstone(int k) {
        return tombstones.get(k);
    }

    /** The number of tombstones. */
    public int tombstones() {
        return tombstones.cardinality();
    }

    /** The root over all records: the same before and after any of them was forgotten. */
    public TreeHash root() {
        RecordRoot root = new RecordRoot();
        for (int k = 0; k < size(); k++) {
            root.add(leaf(k));
        }
        return root.root();
    }

    /**
     * Whether this is record k, its subject included; never of a tombstone.
     *
     * @param content as {@link RecordBytes} has it
     */
    public boolean matches(int k, long unit, byte[] content) {
        if (tombstones.get(k) || unit != units[k]) {
            return false;
        }
        int from = k * TreeHash.BYTES;
        byte[] leaf = leaf(k, unit, content);
        return Arrays.equals(leaf, 0, TreeHash.BYTES, leaves, from, from + TreeHash.BYTES);
    }

    /**
     * Holds records against the commitments; those of tombstones are not looked at.
     *
     * @throws IllegalArgumentException naming the first that is another
     */
    public void require(RecordContents records) {
        if (records.size() != size()) {
            throw new IllegalArgumentException("there must be " + size() + " records, got " + records.size());
        }
        for (int k = 0; k < size(); k++) {
            if (records.id(k) != ids[k]) {
                throw new IllegalArgumentException(
                        "record " + (k + 1) + " must have id " + ids[k] + ", got " + records.id(k));
            }
            if (!isTombstone(k) && !matches(k, records.unit(k), records.content(k))) {
                throw new IllegalArgumentException("record " + ids[k] + " was changed");
            }
        }
    }

    /**
     * Makes tombstones: overwrites the salts. What is one already stays one.
     *
     * @param forgotten ids
     * @throws IllegalArgumentException if one is not known; nothing is changed
     */
    public void bury(LongStream forgotten) {
        BitSet buried = new BitSet();
        forgotten.forEach(id -> {
            int k = Arrays.binarySearch(ids, id);
            if (k < 0) {
                throw new IllegalArgumentException("record ids must be known, got " + id);
            }
            buried.set(k);
        });
        buried.stream().forEach(k -> Arrays.fill(salts, k * SALT_BYTES, (k + 1) * SALT_BYTES, (byte) 0));
        tombstones.or(buried);
    }

    /** Writes record k as the file has it. */
    void put(int k, ByteBuffer into) {
        into.putLong(ids[k]).putLong(units[k]);
        into.put(leaves, k * TreeHash.BYTES, TreeHash.BYTES);
        into.put((byte) (isTombstone(k) ? 1 : 0)).put(salts, k * SALT_BYTES, SALT_BYTES);
    }

    @Override
    public String toString() {
        return "RecordCommitments[" + size() + " records, " + tombstones() + " of them tombstones]";
    }
}
