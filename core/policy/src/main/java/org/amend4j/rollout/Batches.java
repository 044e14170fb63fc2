/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.io.Serializable;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.amend4j.random.SplitMix64;

/**
 * How what is numbered from 0 is divided into batches of one size, the last of which may be smaller.
 *
 * @param count of what is divided, at least 1
 * @param size of a batch, at least 1
 */
record Batches(int count, int size) {

    int number() {
        return (count - 1) / size + 1;
    }

    /** Number of the first in a batch. */
    int first(int batch) {
        return batch * size;
    }

    int size(int batch) {
        return Math.min(size, count - first(batch));
    }

    /** A batch's seed from that of all: their only one, or the draw of its number. */
    long seed(long seed, int batch) {
        return number() == 1 ? seed : SplitMix64.draw(seed, batch);
    }

    <R extends Serializable> List<Batch<R>> of(IntFunction<Batch<R>> batch) {
        return IntStream.range(0, number()).mapToObj(batch).toList();
    }
}
