/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.layer;

import java.util.Map;
import org.amend4j.network.VertexKind;
import org.amend4j.network.WeightMatrix;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;

/** Attention of queries to keys and values that come from several vertices. */
public final class AttentionVertexKind implements VertexKind<AttentionVertex> {

    @Override
    public Class<AttentionVertex> configuration() {
        return AttentionVertex.class;
    }

    @Override
    public Map<String, WeightMatrix> weights(AttentionVertex vertex) {
        return new Weights()
                .attention(vertex.getVertexParams().getParamShapes())
                .all();
    }
}
