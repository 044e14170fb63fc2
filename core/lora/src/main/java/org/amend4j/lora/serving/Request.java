/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.serving;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Rows for one adapter of a server.
 *
 * @param features [rows, ...], not in a workspace
 * @param due when it has waited long enough for others, in {@link System#nanoTime()}'s nanoseconds
 * @param late when nobody waits for it any more
 */
record Request(String name, INDArray features, long due, long late, CompletableFuture<INDArray> answer)
        implements Message {

    /** What the rows of a batch have in common. */
    record Kind(DataType type, List<Long> shape) {}

    boolean isLate() {
        return System.nanoTime() - late > 0;
    }

    long rows() {
        return features.size(0);
    }

    Kind kind() {
        return new Kind(
                features.dataType(),
                Arrays.stream(features.shape()).skip(1).boxed().toList());
    }
}
