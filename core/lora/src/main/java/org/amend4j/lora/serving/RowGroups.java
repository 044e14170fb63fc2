/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.serving;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Rows of a batch, those of one name together. */
final class RowGroups {

    private final Map<String, List<Integer>> rows = new LinkedHashMap<>();
    private final int[] order;

    /** @param names of the rows */
    RowGroups(List<String> names) {
        for (int i = 0; i < names.size(); i++) {
            rows.computeIfAbsent(names.get(i), none -> new ArrayList<>()).add(i);
        }
        order = rows.values().stream()
                .flatMap(List::stream)
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** Names and how many rows each has, in the order of the gathered rows. */
    Map<String, Integer> sizes() {
        Map<String, Integer> sizes = new LinkedHashMap<>();
        rows.forEach((name, all) -> sizes.put(name, all.size()));
        return sizes;
    }

    /** The batch with the rows of each name together: itself if they are already. */
    INDArray gathered(INDArray batch) {
        return picked(batch, order);
    }

    /** The rows in the order of the names. */
    INDArray restored(INDArray gathered) {
        int[] places = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            places[order[i]] = i;
        }
        return picked(gathered, places);
    }

    private static INDArray picked(INDArray array, int[] from) {
        if (Arrays.equals(from, IntStream.range(0, from.length).toArray())) {
            return array;
        }
        long[] shape = array.shape();
        long width = array.length() / shape[0];
        INDArray flat = array.dup('c').reshape('c', new long[] {shape[0], width});
        return Nd4j.pullRows(flat, 1, from, 'c').reshape('c', shape);
    }

    /** Consecutive examples of a batch. */
    static INDArray interval(INDArray batch, long from, long count) {
        INDArrayIndex[] indices = new INDArrayIndex[batch.rank()];
        Arrays.fill(indices, NDArrayIndex.all());
        indices[0] = NDArrayIndex.interval(from, from + count);
        return batch.get(indices).dup('c');
    }
}
