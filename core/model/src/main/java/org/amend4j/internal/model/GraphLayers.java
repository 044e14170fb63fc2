/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.model;

import java.util.List;
import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Layer;

/** The vertices and layers of a graph's configuration, by name. */
public final class GraphLayers {

    private GraphLayers() {}

    /** Names of all vertices but the inputs, in topological order. */
    public static List<String> vertices(ComputationGraphConfiguration configuration) {
        return configuration.getTopologicalOrderStr().stream()
                .filter(configuration.getVertices()::containsKey)
                .toList();
    }

    /** The configuration of a layer; empty if the vertex is none. */
    public static Optional<Layer> layer(ComputationGraphConfiguration configuration, String name) {
        return configuration.getVertices().get(name) instanceof LayerVertex vertex
                ? Optional.of(vertex.getLayerConf().getLayer())
                : Optional.empty();
    }
}
