/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.jspecify.annotations.Nullable;

/**
 * A graph on its way to executors: its file's bytes, which of an adapted graph are no more than its adapters, and where the base is
 * that it rests on. A base is opened once per process, whatever number of graphs rest on it.
 */
public final class SentGraph implements Serializable {

    private static final long serialVersionUID = 1;

    private final byte[] graph;
    private final @Nullable SentBase base;

    private SentGraph(byte[] graph, @Nullable SentBase base) {
        this.graph = graph;
        this.base = base;
    }

    /** A graph that rests on no base. */
    public static SentGraph of(ComputationGraph graph) throws IOException {
        return new SentGraph(bytes(graph), null);
    }

    /**
     * An adapted graph whose base every executor reads from a file, which must hold this very base.
     *
     * @param baseFile a path that means the same on every executor
     */
    public static SentGraph of(AdaptedModel model, Path baseFile) throws IOException {
        String fingerprint = model.base().fingerprint().hex();
        return new SentGraph(bytes(model.graph()), SentBase.at(fingerprint, baseFile.toAbsolutePath()));
    }

    /** An adapted graph that takes its base along: once to every executor, for clusters without a common file system. */
    public static SentGraph withBase(AdaptedModel model) throws IOException {
        BaseModel base = model.base();
        return new SentGraph(
                bytes(model.graph()), SentBase.of(base.fingerprint().hex(), bytes(base.network())));
    }

    static byte[] bytes(ComputationGraph graph) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ModelSerializer.writeModel(graph, bytes, false);
        return bytes.toByteArray();
    }

    /**
     * A graph of one's own.
     *
     * @throws IOException if the base cannot be read here
     * @throws IllegalArgumentException if another base is in its place
     */
    ComputationGraph open() throws IOException {
        if (base != null) {
            base.open();
        }
        return ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(graph), false);
    }
}
