/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import org.amend4j.backend.ElementType;
import org.amend4j.internal.cpu.HostAttention.Rows;

/**
 * Where the arrays of an attention of rows are.
 *
 * @param logSums [rows, heads]
 */
record AttentionMemory(
        ElementType type, HostRows queries, HostRows keys, HostRows values, HostRows out, HostRows logSums) {

    /**
     * Where the gradient's are.
     *
     * @param out dO
     * @param alignments δ, [heads, rows] for each example
     */
    record Gradients(HostRows out, long alignments, HostRows queries, HostRows keys, HostRows values) {}

    /** The part of a head of queries that a unit's row has; heads are counted from the unit's first. */
    Rows ofQuery(HostRows all, AttentionUnit unit, int head, int row) {
        return at(all, unit, unit.firstHead() + head, row);
    }

    /** The same of the head of keys or values that it meets. */
    Rows ofKey(HostRows all, AttentionUnit unit, int head, int row) {
        return at(all, unit, unit.first() + head / unit.rule().group(), row);
    }

    private Rows at(HostRows all, AttentionUnit unit, int head, int row) {
        long index =
                (unit.start() + row) * all.stride() + (long) head * unit.rule().headSize();
        return new Rows(all.address() + index * type.bytes(), Math.toIntExact(all.stride()));
    }
}
