/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transparency;

import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.amend4j.internal.digest.Sha256;

/** A hash of a Merkle tree (RFC 9162, section 2.1.1): SHA-256 of a leaf or of two hashes. Immutable. */
public final class TreeHash {

    /** Length in bytes. */
    public static final int BYTES = 32;

    private static final byte LEAF = 0;
    private static final byte NODE = 1;

    /** Of the tree without entries. */
    public static final TreeHash EMPTY = new TreeHash(Sha256.start().digest());

    private final byte[] bytes;

    private TreeHash(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * From its bytes.
     *
     * @param bytes 32 of them; copied
     * @throws IllegalArgumentException if there are others
     */
    public static TreeHash of(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException("a tree hash must have " + BYTES + " bytes, got " + bytes.length);
        }
        return new TreeHash(bytes.clone());
    }

    /**
     * From 64 hexadecimal digits.
     *
     * @throws IllegalArgumentException if they are none
     */
    public static TreeHash parse(String hex) {
        return of(HexFormat.of().parseHex(hex));
    }

    /** Of an entry: SHA-256 of a zero byte and the entry. */
    public static TreeHash leaf(byte[] entry) {
        MessageDigest digest = Sha256.start();
        digest.update(LEAF);
        return new TreeHash(digest.digest(entry));
    }

    /** Of two trees side by side: SHA-256 of a byte 1 and both. */
    public static TreeHash node(TreeHash left, TreeHash right) {
        MessageDigest digest = Sha256.start();
        digest.update(NODE);
        digest.update(left.bytes);
        return new TreeHash(digest.digest(right.bytes));
    }

    /** A copy of the 32 bytes. */
    public byte[] bytes() {
        return bytes.clone();
    }

    /** 64 hexadecimal digits. */
    public String hex() {
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TreeHash that && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return hex();
    }
}
