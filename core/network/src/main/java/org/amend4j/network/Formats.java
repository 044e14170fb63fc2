/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.network;

import java.util.Optional;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;

/** Which order of dimensions a graph's images have. */
final class Formats {

    private Formats() {}

    /** Whether images come as [channels, height, width]: what its layers say; true if none says anything. */
    static boolean channelsFirst(ComputationGraphConfiguration configuration) {
        Optional<Boolean> known = Optional.empty();
        for (String name : configuration.getTopologicalOrderStr()) {
            if (configuration.getVertices().get(name) instanceof LayerVertex vertex) {
                Optional<Boolean> first = LayerKinds.of(
                                Wrappers.innermost(vertex.getLayerConf().getLayer()))
                        .flatMap(LayerKinds.Known::channelsFirst);
                if (known.isPresent() && first.isPresent() && !known.equals(first)) {
                    throw UnsupportedNetworkException.vertex(name, "has its channels elsewhere than layers before it");
                }
                known = known.or(() -> first);
            }
        }
        return known.orElse(true);
    }
}
