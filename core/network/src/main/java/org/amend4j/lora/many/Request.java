/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.many;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Rows for one adapter of a server.
 *
 * @param features [rows, ...], not in a workspace
 * @param due when it has waited long enough, in {@link System#nanoTime()}'s nanoseconds
 */
record Request(String name, INDArray features, long due, CompletableFuture<INDArray> answer) {

    /** What the rows of a batch have in common. */
    record Kind(DataType type, List<Long> shape) {}

    long rows() {
        return features.size(0);
    }

    Kind kind() {
        return new Kind(
                features.dataType(),
                Arrays.stream(features.shape()).skip(1).boxed().toList());
    }
}
