/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;

/** Ids of records, ascending. */
final class Ids {

    private final long[] sorted;

    Ids(long[] ids) {
        this.sorted = ids.clone();
        Arrays.sort(sorted);
    }

    /** From 16 hexadecimal digits each. */
    static Ids parse(String hex) throws RejectedException {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(HexFormat.of().parseHex(hex));
            if (bytes.remaining() % Long.BYTES == 0) {
                long[] ids = new long[bytes.remaining() / Long.BYTES];
                bytes.asLongBuffer().get(ids);
                return new Ids(ids);
            }
        } catch (IllegalArgumentException e) {
            // as below
        }
        throw new RejectedException("ids must be 16 hexadecimal digits each");
    }

    int size() {
        return sorted.length;
    }

    boolean areDistinct() {
        return Arrays.stream(sorted).distinct().count() == sorted.length;
    }

    boolean isSameAs(Ids other) {
        return Arrays.equals(sorted, other.sorted);
    }

    boolean isDisjointFrom(Ids other) {
        return Arrays.stream(other.sorted).noneMatch(id -> Arrays.binarySearch(sorted, id) >= 0);
    }

    /** 8 bytes each, most significant first. */
    byte[] bytes() {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(Long.BYTES, sorted.length));
        for (long id : sorted) {
            bytes.putLong(id);
        }
        return bytes.array();
    }

    /** SHA-256 of {@link #bytes}. */
    String digest() {
        return new Sha256().add(bytes()).hex();
    }
}
