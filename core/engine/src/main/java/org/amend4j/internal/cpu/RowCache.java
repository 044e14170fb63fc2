/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.Arrays;

/** Some neighbouring rows of an image in an array, so that each is prepared once while a window moves down. */
final class RowCache<A> {

    /** Puts a row, prepared, to rows[at...]. */
    interface Loader<A> {
        void load(int n, int y, A rows, int at);
    }

    private final A rows;
    private final int length;
    private final int[] held;
    private final Loader<A> loader;
    private int image = -1;

    /**
     * @param rows holds slots · length elements
     * @param length of a prepared row
     */
    RowCache(A rows, int slots, int length, Loader<A> loader) {
        this.rows = rows;
        this.length = length;
        this.held = new int[slots];
        this.loader = loader;
    }

    A rows() {
        return rows;
    }

    /** Where a row is; it stays there until another of the same slot is asked for. */
    int at(int n, int y) {
        if (n != image) {
            Arrays.fill(held, -1);
            image = n;
        }
        int slot = y % held.length;
        if (held[slot] != y) {
            held[slot] = y;
            loader.load(n, y, rows, slot * length);
        }
        return slot * length;
    }
}
