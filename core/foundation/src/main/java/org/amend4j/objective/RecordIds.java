/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.stream.LongStream;

/** An immutable set of record ids, in ascending order. */
public final class RecordIds {

    private static final int SHOWN = 5;

    private final long[] ids;

    private RecordIds(long[] sorted) {
        this.ids = sorted;
    }

    /**
     * A set of ids.
     *
     * @throws IllegalArgumentException if an id appears twice
     */
    public static RecordIds of(long... ids) {
        long[] sorted = ids.clone();
        Arrays.sort(sorted);
        for (int i = 1; i < sorted.length; i++) {
            if (sorted[i] == sorted[i - 1]) {
                throw new IllegalArgumentException("record ids must differ, got " + sorted[i] + " twice");
            }
        }
        return new RecordIds(sorted);
    }

    /** The ids 0, 1, ..., n - 1. */
    public static RecordIds firstN(int n) {
        if (n < 0) {
            throw new IllegalArgumentException("the number of records must be >= 0, got " + n);
        }
        return new RecordIds(LongStream.range(0, n).toArray());
    }

    /** The ids that are in any of some sets. */
    public static RecordIds union(Collection<RecordIds> sets) {
        return new RecordIds(sets.stream()
                .flatMapToLong(RecordIds::stream)
                .sorted()
                .distinct()
                .toArray());
    }

    /** The number of ids. */
    public int size() {
        return ids.length;
    }

    /** Whether there are none. */
    public boolean isEmpty() {
        return ids.length == 0;
    }

    /** The k-th smallest id. */
    public long get(int k) {
        return ids[k];
    }

    /** Whether an id is in the set. */
    public boolean contains(long id) {
        return indexOf(id) >= 0;
    }

    /** How many ids are smaller, or a negative number if this one is not in the set. */
    public int indexOf(long id) {
        return Arrays.binarySearch(ids, id);
    }

    /** The ids in ascending order. */
    public LongStream stream() {
        return Arrays.stream(ids);
    }

    /**
     * These ids but for some of them.
     *
     * @throws IllegalArgumentException if one of {@code removed} is not here
     */
    public RecordIds without(RecordIds removed) {
        requireAll(removed);
        return new RecordIds(stream().filter(id -> !removed.contains(id)).toArray());
    }

    /**
     * Checks that all of some ids are here.
     *
     * @throws IllegalArgumentException naming the first ones that are not
     */
    public void requireAll(RecordIds wanted) {
        long[] unknown = wanted.stream().filter(id -> !contains(id)).toArray();
        if (unknown.length > 0) {
            long[] shown = Arrays.copyOf(unknown, Math.min(SHOWN, unknown.length));
            throw new IllegalArgumentException("record ids must be known, got " + unknown.length + " unknown: "
                    + Arrays.toString(shown) + (unknown.length > SHOWN ? " and more" : ""));
        }
    }

    /** 8 bytes each, most significant first, ascending: what commitments and openings are of. */
    public byte[] bytes() {
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(Long.BYTES, ids.length));
        bytes.asLongBuffer().put(ids);
        return bytes.array();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RecordIds that && Arrays.equals(ids, that.ids);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(ids);
    }

    @Override
    public String toString() {
        return "RecordIds[" + ids.length + "]";
    }
}
