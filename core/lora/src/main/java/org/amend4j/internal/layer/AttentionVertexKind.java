/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.lora.sequence.RunningSequences;
import org.amend4j.internal.network.ExampleProducts;
import org.amend4j.internal.network.VertexKind;
import org.amend4j.internal.network.WeightMatrix;
import org.deeplearning4j.nn.conf.graph.AttentionVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.buffer.DataType;

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

    @Override
    public Optional<ExampleProducts> products(AttentionVertex vertex, List<InputType> from) {
        Optional<Long> queries = ExampleProducts.places(from.get(0));
        return ExampleProducts.places(from.get(1))
                .flatMap(keys -> queries.map(count -> Attention.products(
                        vertex.getVertexParams().getParamShapes(),
                        new Attention.Sizes(count, keys, vertex.getNInKeys(), vertex.getNInValues()))));
    }

    @Override
    public boolean runsOnBase(AttentionVertex vertex) {
        return true;
    }

    @Override
    public GraphVertex onBase(AttentionVertex vertex, GraphVertex stock, DataType type) {
        return RunningSequences.attentionVertex(stock, type);
    }
}
