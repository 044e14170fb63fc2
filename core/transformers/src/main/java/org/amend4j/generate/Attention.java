/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import java.util.Arrays;
import java.util.OptionalInt;
import org.amend4j.internal.backend.RowAttentionKernels.Rule;
import org.amend4j.internal.cpu.FloatRows;

/**
 * softmax(q·Kᵀ/√D)·V of a query row over the positions that it sees. Scores are sums over the numbers of a head, results sums over
 * positions, both in their order.
 */
final class Attention {

    private final int heads;
    private final int keyValueHeads;
    private final int size;
    private final float scale;

    /** @param size numbers of a head */
    Attention(int heads, int keyValueHeads, int size) {
        this.heads = heads;
        this.keyValueHeads = keyValueHeads;
        this.size = size;
        this.scale = (float) (1 / Math.sqrt(size));
    }

    /** The same for kernels, with a window of so many positions. */
    Rule rule(int window) {
        OptionalInt keys = window == Integer.MAX_VALUE ? OptionalInt.empty() : OptionalInt.of(window);
        return new Rule(heads, keyValueHeads, size, true, keys);
    }

    /**
     * One row.
     *
     * @param query turned; lost
     * @param first the first position that it sees
     * @param position its own
     * @param to as long as the query
     */
    void apply(KeyValueCache cache, float[] query, int first, int position, float[] to) {
        Loops.scale(query, scale, heads * size);
        float[] scores = new float[position + 1];
        float[] sums = new float[keyValueHeads * size];
        int group = heads / keyValueHeads;
        for (int head = 0; head < heads; head++) {
            int at = head / group * size;
            Arrays.fill(scores, 0);
            score(cache, query, head * size, at, scores, first);
            int seen = position + 1 - first;
            System.arraycopy(scores, first, scores, 0, seen);
            float total = (float) FloatRows.exponentials(scores, seen);
            Arrays.fill(sums, at, at + size, 0);
            sum(cache, scores, first, seen, sums, at);
            for (int j = 0; j < size; j++) {
                to[head * size + j] = sums[at + j] / total;
            }
        }
    }

    private void score(KeyValueCache cache, float[] query, int from, int at, float[] scores, int first) {
        int j = 0;
        for (; j + 4 <= size; j += 4) {
            Loops.addFour(
                    scores,
                    query,
                    from + j,
                    cache.keys(at + j),
                    cache.keys(at + j + 1),
                    cache.keys(at + j + 2),
                    cache.keys(at + j + 3),
                    first,
                    scores.length);
        }
        for (; j < size; j++) {
            Loops.addScaled(scores, query[from + j], cache.keys(at + j), first, scores.length);
        }
    }

    private void sum(KeyValueCache cache, float[] weights, int first, int seen, float[] sums, int at) {
        int end = at + size;
        int p = 0;
        for (; p + 4 <= seen; p += 4) {
            int position = first + p;
            Loops.addFour(
                    sums,
                    weights,
                    p,
                    cache.value(position),
                    cache.value(position + 1),
                    cache.value(position + 2),
                    cache.value(position + 3),
                    at,
                    end);
        }
        for (; p < seen; p++) {
            Loops.addScaled(sums, weights[p], cache.value(first + p), at, end);
        }
    }
}
