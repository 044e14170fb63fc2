/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.internal.backend.RowAttentionKernels.Rule;

/**
 * Work on attention that shares no result with other work: some heads of keys and values of an example, and the heads of queries that
 * meet them. How work is cut follows from shapes alone, so that results do not depend on threads.
 *
 * @param start the example's first row
 * @param rows of the example, >= 1
 * @param first head of keys and values
 * @param count of heads of keys and values
 */
record AttentionUnit(Rule rule, int start, int rows, int first, int count) {

    /** Queries of a block, at least. */
    private static final int QUERIES = 64;
    /** Keys of a block: its scores and their derivatives stay in the second cache. */
    private static final int KEYS = 128;
    /** Queries of all heads in hand: rows of scores so long that loops over them are worth their start. */
    private static final int ACROSS = 256;
    /** Units that an attention is cut into at least, if it has so many heads: for a thread each. */
    private static final int UNITS = 8;

    /** Rows of an example from one to another, counted from its first. */
    record Range(int from, int to) {

        int count() {
            return Math.max(0, to - from);
        }

        Range within(Range other) {
            return new Range(Math.max(from, other.from), Math.min(to, other.to));
        }
    }

    static List<AttentionUnit> of(int[] starts, Rule rule) {
        int examples = starts.length - 1;
        long most = Math.max(1, (long) rule.keyValueHeads() * examples / UNITS);
        List<AttentionUnit> units = new ArrayList<>();
        for (int example = 0; example < examples; example++) {
            int start = starts[example];
            int rows = starts[example + 1] - start;
            int wide = ACROSS / Math.max(1, Math.min(rows, queriesInHand(rule, rows)) * rule.group());
            int heads = (int) Math.max(1, Math.min(Math.min(wide, most), rule.keyValueHeads()));
            for (int first = 0; rows > 0 && first < rule.keyValueHeads(); first += heads) {
                int count = Math.min(heads, rule.keyValueHeads() - first);
                units.add(new AttentionUnit(rule, start, rows, first, count));
            }
        }
        return units;
    }

    /**
     * Of a long text more, so that rows of scores are long with one head; not where most of a larger block's scores would be those of
     * unseen keys. The order in which derivatives at keys are added follows from it, so it depends on nothing but the example.
     */
    private static int queriesInHand(Rule rule, int rows) {
        return rule.causal() || rows < ACROSS ? QUERIES : Math.max(QUERIES, ACROSS / rule.group());
    }

    /** Heads of queries. */
    int heads() {
        return count * rule.group();
    }

    /** The first of them among all. */
    int firstHead() {
        return first * rule.group();
    }

    List<Range> queryBlocks() {
        return blocks(queriesInHand(rule, rows));
    }

    List<Range> keyBlocks() {
        return blocks(KEYS);
    }

    private List<Range> blocks(int size) {
        List<Range> blocks = new ArrayList<>();
        for (int from = 0; from < rows; from += size) {
            blocks.add(new Range(from, Math.min(rows, from + size)));
        }
        return blocks;
    }

    /** Keys that some of the queries see. */
    Range seenBy(Range queries) {
        return rule.causal() ? new Range(queries.from() - window() + 1, queries.to()) : new Range(0, rows);
    }

    /** Queries that see a key. */
    Range seeing(int key) {
        return rule.causal() ? new Range(key, key + window()) : new Range(0, rows);
    }

    /** No more than the rows. */
    private int window() {
        return Math.min(rows, rule.window().orElse(rows));
    }

    /** Numbers of the largest tile. */
    int tile() {
        return Math.min(rows, KEYS) * across();
    }

    /** Columns of the largest tile. */
    int across() {
        return Math.min(rows, queriesInHand(rule, rows)) * heads();
    }
}
