package org.amend4j.verify;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** Ids of records, ascending. */
final class Ids {

    private final long[] sorted;

    Ids(long[] ids) {
        this.sorted = ids.clone();
        Arrays.sort(sorted);
    }

    int size() {
        return sorted.length;
    }

    boolean areDistinct() {
        return Arrays.stream(sorted).distinct().count() == sorted.length;
    }

    /** SHA-256 of 8 bytes each, most significant first. */
    String digest() {
        Sha256 digest = new Sha256();
        ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES);
        for (long id : sorted) {
            digest.add(bytes.putLong(0, id).array());
        }
        return digest.hex();
    }
}
