/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.text;

import java.util.Arrays;

/** A word on its way from characters to tokens: symbols that are merged in the order of ranks, each time the leftmost of the lowest. */
final class Symbols {

    private final int[] ids;
    private final int[] lengths;
    private final int[] previous;
    private final int[] next;
    private int count;

    /** Candidates: the rank above, the place below, ordered as a heap; and the tokens they would become. */
    private long[] candidates;

    private int[] merged;
    private int waiting;

    Symbols(int most) {
        ids = new int[most];
        lengths = new int[most];
        previous = new int[most];
        next = new int[most];
        candidates = new long[most + 1];
        merged = new int[most + 1];
    }

    void add(int id, int length) {
        ids[count] = id;
        lengths[count] = length;
        previous[count] = count - 1;
        next[count] = -1;
        if (count > 0) {
            next[count - 1] = count;
        }
        count++;
    }

    void merge(Merges merges) {
        for (int i = 0; i + 1 < count; i++) {
            propose(merges, i, i + 1);
        }
        while (waiting > 0) {
            int place = (int) candidates[0];
            int becomes = merged[0];
            removeFirst();
            int right = lengths[place] == 0 ? -1 : next[place];
            if (right < 0) {
                continue;
            }
            long merge = merges.find(ids[place], ids[right]);
            if (merge == Merges.NONE || Merges.merged(merge) != becomes) {
                continue; // something else stands there by now
            }
            join(place, right, becomes);
            if (previous[place] >= 0) {
                propose(merges, previous[place], place);
            }
            if (next[place] >= 0) {
                propose(merges, place, next[place]);
            }
        }
    }

    private void join(int place, int right, int becomes) {
        ids[place] = becomes;
        lengths[place] += lengths[right];
        lengths[right] = 0;
        next[place] = next[right];
        if (next[right] >= 0) {
            previous[next[right]] = place;
        }
    }

    /** The tokens left; each begins where the one before ends. */
    Word word() {
        Word.Builder word = new Word.Builder();
        int begin = 0;
        for (int i = 0; i < count; i++) {
            if (lengths[i] > 0) {
                word.add(ids[i], begin, begin + lengths[i]);
                begin += lengths[i];
            }
        }
        return word.build();
    }

    private void propose(Merges merges, int left, int right) {
        long merge = merges.find(ids[left], ids[right]);
        if (merge == Merges.NONE) {
            return;
        }
        if (waiting == candidates.length) {
            candidates = Arrays.copyOf(candidates, 2 * waiting);
            merged = Arrays.copyOf(merged, 2 * waiting);
        }
        long key = (merge & 0xffff_ffff_0000_0000L) | left;
        int hole = waiting++;
        while (hole > 0 && candidates[(hole - 1) / 2] > key) {
            candidates[hole] = candidates[(hole - 1) / 2];
            merged[hole] = merged[(hole - 1) / 2];
            hole = (hole - 1) / 2;
        }
        candidates[hole] = key;
        merged[hole] = Merges.merged(merge);
    }

    private void removeFirst() {
        long key = candidates[--waiting];
        int becomes = merged[waiting];
        int hole = 0;
        for (int child = 1; child < waiting; child = 2 * hole + 1) {
            if (child + 1 < waiting && candidates[child + 1] < candidates[child]) {
                child++;
            }
            if (candidates[child] >= key) {
                break;
            }
            candidates[hole] = candidates[child];
            merged[hole] = merged[child];
            hole = child;
        }
        candidates[hole] = key;
        merged[hole] = becomes;
    }
}
