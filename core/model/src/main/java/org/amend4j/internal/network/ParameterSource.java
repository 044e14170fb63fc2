/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.Map;
import java.util.Objects;
import org.amend4j.internal.model.Unfrozen;
import org.amend4j.model.BaseModel;
import org.amend4j.model.UnsupportedNetworkException;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Where a layer's parameters are: in the trained vector, in a base model, or in a layer that Deeplearning4j freezes.
 *
 * @param trained whether the graph is read to be trained
 */
record ParameterSource(ComputationGraph graph, boolean trained) {

    LayerParameters parameters(String vertex, Layer outer) {
        if (Unfrozen.ofStopped(outer) instanceof StandsOnBase frozen) {
            return new LayerParameters(
                    vertex, BaseModel.require(frozen.base(), vertex).parameters(vertex), false);
        }
        return new LayerParameters(vertex, table(vertex), trained && !Unfrozen.stopsGradients(outer));
    }

    /** What trains in a layer's product beside its weight. */
    ProductParts beside(String vertex, Layer outer) {
        if (!(outer instanceof TrainsInProduct trains)) {
            return ProductParts.NONE;
        }
        if (!trained) {
            throw UnsupportedNetworkException.vertex(
                    vertex, "has an adapter: merge it before the network is only used");
        }
        return ProductParts.of(trains.productKeys(), new LayerParameters(vertex, table(vertex), true));
    }

    private Map<String, INDArray> table(String vertex) {
        return Objects.requireNonNull(graph.getLayer(vertex), vertex).paramTable();
    }
}
