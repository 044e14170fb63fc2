/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cluster;

import java.io.IOException;
import java.io.Serializable;
import java.util.Optional;
import org.amend4j.internal.model.GraphBytes;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.graph.ComputationGraph;

/** A graph that work takes along to another process: as its file, with the base's if it is adapted. */
final class PortableGraph implements Serializable {

    private static final long serialVersionUID = 1;

    private final transient ComputationGraph graph;

    /** Adapted graphs find their base by its name, as long as the base is referenced. */
    private final transient Optional<BaseModel> base;

    private PortableGraph(ComputationGraph graph, Optional<BaseModel> base) {
        this.graph = graph;
        this.base = base;
    }

    static PortableGraph of(ComputationGraph plain) {
        return new PortableGraph(plain, Optional.empty());
    }

    static PortableGraph of(AdaptedModel model) {
        return new PortableGraph(model.graph(), Optional.of(model.base()));
    }

    ComputationGraph graph() {
        return graph;
    }

    /**
     * What is sent.
     *
     * @param base empty if the graph is plain
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over
    private record Files(byte[] graph, byte[] base) implements Serializable {

        private Object readResolve() throws IOException {
            if (base.length == 0) {
                return of(GraphBytes.graph(graph));
            }
            BaseModel opened = BaseModel.of(GraphBytes.graph(base));
            return new PortableGraph(GraphBytes.graph(graph), Optional.of(opened));
        }
    }

    private Object writeReplace() {
        return new Files(
                GraphBytes.of(graph),
                base.map(one -> GraphBytes.of(one.network())).orElseGet(() -> new byte[0]));
    }
}
