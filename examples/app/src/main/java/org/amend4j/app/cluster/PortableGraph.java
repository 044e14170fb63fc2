/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cluster;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Optional;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;

/** A graph that work takes along to another process: as its file, with the base's if it is adapted. */
final class PortableGraph implements Serializable {

    private static final long serialVersionUID = 1;

    private final transient ComputationGraph graph;

    /** Adapted graphs find their base by its name, as long as somebody keeps it. */
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
                return of(opened(graph));
            }
            BaseModel opened = BaseModel.of(opened(base));
            return new PortableGraph(opened(graph), Optional.of(opened));
        }

        private static ComputationGraph opened(byte[] file) throws IOException {
            return ModelSerializer.restoreComputationGraph(new ByteArrayInputStream(file), false);
        }
    }

    private Object writeReplace() {
        return new Files(bytes(graph), base.map(one -> bytes(one.network())).orElseGet(() -> new byte[0]));
    }

    private static byte[] bytes(ComputationGraph graph) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ModelSerializer.writeModel(graph, bytes, false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
