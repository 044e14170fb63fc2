/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import org.amend4j.backend.ElementType;
import org.amend4j.internal.cpu.AttentionUnit.Range;
import org.amend4j.internal.cpu.HostAttention.Rows;

/**
 * Scores of a block of keys and a block of queries, or their derivatives: a row for each key, the queries of a unit's heads side by side. So
 * a product of OpenBLAS makes each head's in place, and maxima and sums go along arrays.
 */
record AttentionTile(AttentionUnit unit, Range queries, Range keys, ElementType type, long address) {

    /** Far below every score, and finite: its exponential is exactly 0. */
    static final double UNSEEN = -1e30;

    /** Columns. */
    int across() {
        return queries.count() * unit.heads();
    }

    /** Those of a head. */
    Rows head(int head) {
        return new Rows(address + (long) head * queries.count() * type.bytes(), across());
    }

    /** Where the row of a key is, counted from the tile's first. */
    long row(int key) {
        return address + (long) key * across() * type.bytes();
    }

    /** C = s·QKᵀ, turned. */
    void score(AttentionMemory memory) {
        double scale = unit.rule().scale();
        multiplyRows(memory, memory.queries(), memory.keys(), scale);
    }

    /** For each head, its rows of one array times rows of keys or values of another. */
    void multiplyRows(AttentionMemory memory, HostRows ofQueries, HostRows ofKeys, double scale) {
        for (int head = 0; head < unit.heads(); head++) {
            HostProduct.multiply(
                    type,
                    memory.ofQuery(ofQueries, unit, head, queries.from()),
                    true,
                    memory.ofKey(ofKeys, unit, head, keys.from()),
                    false,
                    head(head),
                    queries.count(),
                    keys.count(),
                    unit.rule().headSize(),
                    scale,
                    0);
        }
    }

    /** Some keys' scores. */
    @FunctionalInterface
    interface RowsInHand {

        /**
         * Takes some.
         *
         * @param key the first one, counted from the tile's first
         */
        void take(int key, int rows);
    }

    /** All keys, as many at a time as are in hand. */
    void forRowsInHand(RowsInHand some) {
        int most = VectorLoops.rowsInHand(across());
        for (int key = 0; key < keys.count(); key += most) {
            some.take(key, Math.min(most, keys.count() - key));
        }
    }

    /** Some keys' scores, those that are not seen far below all others. */
    <A> void load(VectorLoops<A> lanes, int key, int rows, A to) {
        lanes.load(row(key), to, rows * across());
        for (int row = 0; row < rows; row++) {
            Range seeing = unit.seeing(keys.from() + key + row).within(queries);
            if (seeing.count() < queries.count()) {
                hide(lanes, to, row, seeing);
            }
        }
    }

    private <A> void hide(VectorLoops<A> lanes, A to, int row, Range seeing) {
        int before = seeing.from() - queries.from();
        int after = Math.max(before, seeing.to() - queries.from());
        for (int column = row * across(); column < (row + 1) * across(); column += queries.count()) {
            lanes.fill(to, column, column + before, UNSEEN);
            lanes.fill(to, column + after, column + queries.count(), UNSEEN);
        }
    }
}
