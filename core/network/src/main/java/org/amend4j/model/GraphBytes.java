/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.model;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;

/** A graph as the bytes of its file, without its updater: how it goes to another process. An adapted one's have no base. */
public final class GraphBytes {

    private GraphBytes() {}

    /** What {@link #graph} reads. */
    public static byte[] of(ComputationGraph graph) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ModelSerializer.writeModel(graph, bytes, false);
        } catch (IOException inMemory) {
            throw new UncheckedIOException(inMemory);
        }
        return bytes.toByteArray();
    }

    /**
     * A graph of one's own; the base of an adapted one must be open.
     *
     * @throws IOException if the bytes are no graph's
     */
    public static ComputationGraph graph(byte[] bytes) throws IOException {
        return ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(bytes), false);
    }
}
