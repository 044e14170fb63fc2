/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.compute;

import java.util.function.Supplier;
import org.amend4j.graph.Records;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/**
 * What a graph is trained on, in both forms that may be needed.
 *
 * @param batches one epoch after the other, shuffled; an epoch is begun by {@code reset}
 * @param all everything at once, for a device that keeps it; only used there
 * @param size how many there are
 * @param batch examples a step
 * @param seed of the order, and of what else is random in a step
 */
public record Examples(MultiDataSetIterator batches, Supplier<Records> all, int size, int batch, long seed) {

    /** For Deeplearning4j's {@code fit} alone. */
    public static Examples batchesOnly(MultiDataSetIterator batches, int size, int batch, long seed) {
        return new Examples(
                batches,
                () -> {
                    throw new IllegalStateException("examples of different lengths are not kept by a plan");
                },
                size,
                batch,
                seed);
    }

    /** The last may be smaller. */
    public int stepsPerEpoch() {
        return (int) (((long) size + batch - 1) / batch);
    }
}
