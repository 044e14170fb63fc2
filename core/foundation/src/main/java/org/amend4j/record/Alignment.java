/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.record;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * Matches the rows of a table to records; rows of forgotten records may be unchanged, changed or missing. Retained records
 * must be present, unchanged and in order; between two of them there may be at most as many other rows as there are
 * tombstones between them.
 *
 * <p>Rows can be equal, so that a row fits several records: for every retained record all rows are kept at which it can be,
 * given those before it, and the rows are chosen from the end backwards. That takes one hash per row where there are no
 * tombstones, and as many more as there are tombstones.
 */
public final class Alignment {

    private static final int NONE = -1;

    private final int[] rows;

    private Alignment(int[] rows) {
        this.rows = rows;
    }

    /**
     * Finds the records among rows.
     *
     * @throws IllegalArgumentException naming the first retained record that is not at its place, by the row that it was at (counted from
     *     1), or the first row that is no record's
     */
    public static Alignment of(RecordCommitments commitments, RecordRows rows) {
        Search search = new Search(commitments, rows);
        for (int k = 0; k < commitments.size(); k++) {
            if (commitments.isTombstone(k)) {
                search.tombstone();
            } else {
                search.retained(k);
            }
        }
        return new Alignment(search.chosen());
    }

    /**
     * The row of record k. Of a tombstone it is the row at its place, with whatever is in it; empty if it cannot be told which
     * row that is, or it is gone.
     */
    public OptionalInt row(int k) {
        return rows[k] == NONE ? OptionalInt.empty() : OptionalInt.of(rows[k]);
    }

    /** Where retained records can be, one after the other. */
    private static final class Search {

        /** Of a retained record: tombstones before it, and rows at which it can be, ascending. */
        @SuppressWarnings("ArrayRecordComponent") // never compared, never handed out
        private record Step(int record, int tombstones, int[] rows) {}

        private static final Step START = new Step(NONE, 0, new int[] {NONE});

        private final RecordCommitments commitments;
        private final RecordRows rows;
        private final List<Step> steps = new ArrayList<>(List.of(START));
        private int tombstones;

        Search(RecordCommitments commitments, RecordRows rows) {
            this.commitments = commitments;
            this.rows = rows;
        }

        void tombstone() {
            tombstones++;
        }

        void retained(int k) {
            int[] before = steps.get(steps.size() - 1).rows();
            int[] found = Arrays.stream(within(before))
                    .filter(row -> isRecord(k, row))
                    .toArray();
            if (found.length == 0) {
                throw new IllegalArgumentException("row " + (k + 1) + " of the " + commitments.size()
                        + " that were trained on was changed, moved or removed, and its subject was not forgotten: looked for"
                        + " after row " + (before[0] + 1));
            }
            steps.add(new Step(k, tombstones, found));
            tombstones = 0;
        }

        /** All rows that are at most the tombstones away from one of these. */
        private int[] within(int[] before) {
            if (tombstones == 0 && before.length == 1) {
                return before[0] + 1 < rows.size() ? new int[] {before[0] + 1} : new int[0];
            }
            TreeSet<Integer> candidates = new TreeSet<>();
            for (int row : before) {
                for (int next = row + 1; next <= row + 1 + tombstones && next < rows.size(); next++) {
                    candidates.add(next);
                }
            }
            return candidates.stream().mapToInt(Integer::intValue).toArray();
        }

        private boolean isRecord(int k, int row) {
            OptionalLong unit = rows.unit(row);
            if (unit.isPresent() && unit.getAsLong() != commitments.unit(k)) {
                return false;
            }
            return rows.content(row)
                    .filter(content -> commitments.matches(k, commitments.unit(k), content))
                    .isPresent();
        }

        /** Rows of all records; {@value #NONE} where there is none. */
        int[] chosen() {
            int[] chosen = new int[commitments.size()];
            Arrays.fill(chosen, NONE);
            int end = rows.size();
            int last = commitments.size();
            int between = tombstones;
            for (int s = steps.size() - 1; s >= 0; s--) {
                Step step = steps.get(s);
                int row = last(step.rows(), end, between);
                if (end - row - 1 == between) {
                    for (int k = step.record() + 1; k < last; k++) {
                        chosen[k] = row + k - step.record();
                    }
                }
                if (step.record() != NONE) {
                    chosen[step.record()] = row;
                }
                end = row;
                last = step.record();
                between = step.tombstones();
            }
            return chosen;
        }

        /** The last of some rows from which the end is reached over tombstones alone. */
        private int last(int[] candidates, int end, int between) {
            for (int i = candidates.length - 1; i >= 0; i--) {
                if (candidates[i] < end && end - candidates[i] - 1 <= between) {
                    return candidates[i];
                }
            }
            throw new IllegalArgumentException("row " + (candidates[candidates.length - 1] + between + 2)
                    + " was added: " + commitments.size() + " were trained on");
        }
    }
}
