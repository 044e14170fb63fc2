/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.util.Arrays;

/** Which pairs of tokens become one, and in which order: a table from two ids to a rank and an id. */
final class Merges {

    /** No merge. */
    static final long NONE = -1;

    private static final long EMPTY = -1;

    private long[] keys;
    private long[] values;
    private int count;

    Merges(int expected) {
        int capacity = Integer.highestOneBit(Math.max(expected, 8)) * 4;
        keys = new long[capacity];
        values = new long[capacity];
        Arrays.fill(keys, EMPTY);
    }

    /** Adds a merge, and says whether the pair had none. */
    boolean add(int left, int right, int rank, int merged) {
        int slot = slot(pair(left, right));
        boolean fresh = keys[slot] == EMPTY;
        keys[slot] = pair(left, right);
        values[slot] = ((long) rank << 32) | merged;
        count += fresh ? 1 : 0;
        if (2 * count > keys.length) {
            grow();
        }
        return fresh;
    }

    /** The rank above, the merged id below; or {@link #NONE}. */
    long find(int left, int right) {
        int slot = slot(pair(left, right));
        return keys[slot] == EMPTY ? NONE : values[slot];
    }

    static int merged(long merge) {
        return (int) merge;
    }

    private static long pair(int left, int right) {
        return ((long) left << 32) | right;
    }

    private int slot(long key) {
        long mixed = key * 0x9e3779b97f4a7c15L;
        int slot = (int) (mixed >>> 32) & (keys.length - 1);
        while (keys[slot] != EMPTY && keys[slot] != key) {
            slot = (slot + 1) & (keys.length - 1);
        }
        return slot;
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldValues = values;
        keys = new long[2 * oldKeys.length];
        values = new long[2 * oldKeys.length];
        Arrays.fill(keys, EMPTY);
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldKeys[i] != EMPTY) {
                int slot = slot(oldKeys[i]);
                keys[slot] = oldKeys[i];
                values[slot] = oldValues[i];
            }
        }
    }
}
