/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.compute;

import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.amend4j.data.Batches;
import org.amend4j.data.Labelled;
import org.amend4j.graph.Records;
import org.amend4j.training.RecordParts;
import org.nd4j.linalg.dataset.adapter.MultiDataSetIteratorAdapter;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/**
 * The examples that a graph is trained on, in both forms that may be needed.
 *
 * @param batches one epoch after the other, shuffled; an epoch is begun by {@code reset}
 * @param all everything, for a machine that keeps it; only used there
 * @param size how many an epoch has; all may be more, of which epochs have others
 * @param batch examples a step
 * @param seed of the order, and of what else is random in a step
 * @param steps the examples of each step of an epoch, as the batches have them
 */
public record Examples(
        MultiDataSetIterator batches,
        Supplier<RecordParts> all,
        int size,
        int batch,
        long seed,
        IntFunction<List<int[]>> steps) {

    /** Of a labelled set. */
    public static Examples of(Labelled examples, int batch, long seed) {
        return new Examples(
                new MultiDataSetIteratorAdapter(Batches.shuffled(examples, batch, seed)),
                () -> RecordParts.whole(
                        Records.read(new MultiDataSetIteratorAdapter(Batches.inOrder(examples, batch)))),
                examples.size(),
                batch,
                seed);
    }

    /** In the order of {@link Batches#shuffled}. */
    public Examples(MultiDataSetIterator batches, Supplier<RecordParts> all, int size, int batch, long seed) {
        this(batches, all, size, batch, seed, epoch -> {
            int[] order = Batches.order(size, seed, epoch);
            return IntStream.range(0, (size + batch - 1) / batch)
                    .mapToObj(k -> Arrays.copyOfRange(order, k * batch, Math.min(size, (k + 1) * batch)))
                    .toList();
        });
    }

    /** The last may be smaller. */
    public int stepsPerEpoch() {
        return (int) (((long) size + batch - 1) / batch);
    }
}
