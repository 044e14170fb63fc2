/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora;

import java.util.Map;
import java.util.Objects;
import org.amend4j.internal.model.GraphLayers;
import org.amend4j.internal.model.Unfrozen;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.VertexKinds;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.internal.network.Wrappers;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;

/** The weights of a network's vertices that adapters can add to. */
public final class AdaptableWeights {

    private AdaptableWeights() {}

    /** Those of one vertex as matrices, by Deeplearning4j's key; none of most. */
    public static Map<String, WeightMatrix> of(ComputationGraphConfiguration network, String vertex) {
        return GraphLayers.layer(network, vertex)
                .map(Unfrozen::of)
                .map(LayerKinds::weights)
                .orElseGet(() -> VertexKinds.weights(Wrappers.innermost(
                        Objects.requireNonNull(network.getVertices().get(vertex), vertex))));
    }

    /** One of them. */
    public static WeightMatrix of(ComputationGraphConfiguration network, String vertex, String parameter) {
        WeightMatrix weight = of(network, vertex).get(parameter);
        if (weight == null) {
            throw new IllegalStateException("'" + vertex + "' has no adaptable weight " + parameter);
        }
        return weight;
    }
}
