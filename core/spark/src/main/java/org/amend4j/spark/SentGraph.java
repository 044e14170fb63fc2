/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.model.GraphBytes;
import org.amend4j.internal.model.Unfrozen;
import org.amend4j.internal.network.StandsOnBase;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;

/**
 * A graph on its way to executors: its file's bytes (for an adapted graph, only its adapters) and the place of its base. A base is opened
 * once per process, whatever number of graphs rest on it.
 */
public final class SentGraph implements Serializable {

    private static final long serialVersionUID = 1;

    private final byte[] graph;
    private final @Nullable SentBase base;

    private SentGraph(byte[] graph, @Nullable SentBase base) {
        this.graph = graph;
        this.base = base;
    }

    /**
     * A graph. If it is adapted, its base is taken along, once to every executor: for clusters without a common file system.
     *
     * @throws org.amend4j.model.MissingBaseException if it rests on a base that is not open
     */
    public static SentGraph of(ComputationGraph graph) throws IOException {
        Optional<BaseModel> base = base(graph);
        return new SentGraph(
                GraphBytes.of(graph),
                base.isEmpty()
                        ? null
                        : SentBase.of(
                                base.get().fingerprint().hex(),
                                GraphBytes.of(base.get().network())));
    }

    /**
     * An adapted graph; every executor reads its base from a file, which must hold this very base.
     *
     * @param baseFile a path that means the same on every executor
     */
    public static SentGraph of(AdaptedModel model, Path baseFile) throws IOException {
        String fingerprint = model.base().fingerprint().hex();
        return new SentGraph(GraphBytes.of(model.graph()), SentBase.at(fingerprint, baseFile.toAbsolutePath()));
    }

    /** What a graph rests on; all of its layers rest on the same. */
    private static Optional<BaseModel> base(ComputationGraph graph) {
        for (Map.Entry<String, GraphVertex> vertex :
                graph.getConfiguration().getVertices().entrySet()) {
            Object configured = vertex.getValue() instanceof LayerVertex layer
                    ? Unfrozen.of(layer.getLayerConf().getLayer())
                    : vertex.getValue();
            if (configured instanceof StandsOnBase onBase) {
                return Optional.of(BaseModel.require(onBase.base(), vertex.getKey()));
            }
        }
        return Optional.empty();
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
        return GraphBytes.graph(graph);
    }
}
