/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import static org.deeplearning4j.nn.params.SimpleRnnParamInitializer.RECURRENT_WEIGHT_KEY;
import static org.deeplearning4j.nn.params.SimpleRnnParamInitializer.WEIGHT_KEY;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.attention.Projections;
import org.amend4j.internal.network.ExampleProducts;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.WeightMatrix;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.RecurrentAttentionLayer;

/** A recurrent layer that attends to its whole input at every step. */
public final class RecurrentAttentionKind implements LayerKind<RecurrentAttentionLayer> {

    @Override
    public Class<RecurrentAttentionLayer> configuration() {
        return RecurrentAttentionLayer.class;
    }

    @Override
    public Map<String, WeightMatrix> weights(RecurrentAttentionLayer layer) {
        return new Weights().attention(layer.getLayerParams().getParamShapes()).all();
    }

    @Override
    public long width(RecurrentAttentionLayer layer) {
        return layer.getNIn();
    }

    /** From the second step on, the last output is a query to the whole input, whose keys and values are made anew each time. */
    @Override
    public Optional<ExampleProducts> products(RecurrentAttentionLayer layer, InputType from, InputType to) {
        long width = layer.getNIn();
        return ExampleProducts.places(from).map(steps -> {
            ExampleProducts attention = Attention.products(
                            layer.getLayerParams().getParamShapes(), new Attention.Sizes(1, steps, width, width))
                    .plus(ExampleProducts.of(List.of(RECURRENT_WEIGHT_KEY), 1))
                    .times(steps - 1);
            return attention
                    .plus(ExampleProducts.of(List.of(WEIGHT_KEY), steps))
                    .withInner(RECURRENT_WEIGHT_KEY, Projections.QUERIES);
        });
    }
}
