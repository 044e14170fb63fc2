/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import org.amend4j.internal.backend.RowAttentionKernels.Rule;
import org.amend4j.internal.validation.Checks;

/**
 * Attention of new rows of texts to keys and values that are kept: in every head {@code O = softmax(s·qKᵀ)·V} over the positions that a row sees,
 * its own the last of them, s = 1/√headSize. What is kept lies in pages of {@value #PAGE} positions, so that a text grows without being moved.
 * Positions are split into parts of {@value #PART}, from 0 on, which are joined in their order (flash-decoding); a row's result does not depend on
 * the rows beside it. Nothing behind a row's position is read.
 */
public abstract class CachedAttentionKernels {

    /** Positions of a page. */
    public static final int PAGE = 64;

    /** Positions whose weights are added up before they meet others. */
    public static final int PART = 128;

    /** Numbers of a head's part beside its sums: the greatest score and the sum of weights. */
    private static final int BESIDE = 2;

    /**
     * Keys and values, of new rows or of all pages.
     *
     * @param keys [rows, keyValueHeads · headSize]
     * @param values [rows, keyValueHeads · headSize]
     */
    public record Kept(MatrixView keys, MatrixView values) {

        /** @throws IllegalArgumentException if the shapes differ */
        public Kept {
            values.requireShape("values", keys.rows(), keys.columns());
        }
    }

    /**
     * Where rows are, and what they see.
     *
     * @param texts INT [rows], the number of each row's text, below that of tables
     * @param positions INT [rows], in it
     * @param tables INT [numbers of texts · tableLength]: the pages of each text, one table behind the other. Of a page that there is none of, what is
     *     seen is NaN
     * @param tableLength pages of a table, enough for every position
     * @param longest above every position, at least 1
     */
    public record Places(
            MachineArray texts, MachineArray positions, MachineArray tables, int tableLength, int longest) {

        /** @throws IllegalArgumentException if a table is too short */
        public Places {
            Checks.atLeast(1, "longest", longest);
            if ((long) tableLength * PAGE < longest) {
                throw new IllegalArgumentException(
                        "a table must have the pages of " + longest + " positions, got " + tableLength + " of " + PAGE);
            }
        }

        int parts() {
            return Shapes.ceilDiv(longest, PART);
        }
    }

    /** How many numbers {@link #attend} needs besides. */
    public static long scratch(int rows, Rule rule, int longest) {
        return (long) rows * rule.heads() * Shapes.ceilDiv(longest, PART) * (rule.headSize() + BESIDE);
    }

    /**
     * Writes new rows into pages.
     *
     * @param rows whose places differ
     * @param places INT [rows]: rows of {@code pages}; a row whose place is none of them is not kept
     */
    public final void keep(Kept rows, MachineArray places, Kept pages) {
        int count = rows.keys().rows();
        pages.keys().requireShape("pages", pages.keys().rows(), rows.keys().columns());
        Shapes.requireInts("places", places, count);
        if (rows.keys().isEmpty() || pages.keys().isEmpty()) {
            return;
        }
        computeKeep(rows, places, pages);
    }

    protected abstract void computeKeep(Kept rows, MachineArray places, Kept pages);

    /**
     * Writes O.
     *
     * @param queries [rows, heads · headSize]
     * @param pages [pages · {@value #PAGE}, keyValueHeads · headSize], with all that is seen
     * @param rule causal
     * @param scratch at least {@link #scratch} numbers, contents lost
     * @param out [rows, heads · headSize]; a row whose position is not in [0, longest) becomes NaN
     */
    public final void attend(
            MatrixView queries, Kept pages, Places places, Rule rule, MachineArray scratch, MatrixView out) {
        int rows = queries.rows();
        if (!rule.causal()) {
            throw new IllegalArgumentException("rows see what is kept, not what comes: the rule must be causal");
        }
        queries.requireShape("queries", rows, rule.queryWidth());
        out.requireShape("out", rows, rule.queryWidth());
        pages.keys().requireShape("pages", pages.keys().rows() / PAGE * PAGE, rule.keyValueWidth());
        Shapes.requireInts("texts", places.texts(), rows);
        Shapes.requireInts("positions", places.positions(), rows);
        long tables = places.tables().length();
        Shapes.requireInts("tables", places.tables(), tables / places.tableLength() * places.tableLength());
        long numbers = scratch(rows, rule, places.longest());
        Shapes.requireAtLeast("scratch", scratch, numbers);
        if (queries.isEmpty()) {
            return;
        }
        computeAttend(queries, pages, places, rule, scratch.slice(0, numbers), out);
    }

    /**
     * Writes O after the checks.
     *
     * @param scratch of just the size that is needed
     */
    protected abstract void computeAttend(
            MatrixView queries, Kept pages, Places places, Rule rule, MachineArray scratch, MatrixView out);
}
