/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.lora.sequence.RunningSequences;
import org.amend4j.internal.network.ExampleProducts;
import org.amend4j.internal.network.FrozenSequences;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.WeightMatrix;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.SelfAttentionLayer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Attention of a sequence to itself. */
public final class SelfAttentionKind implements LayerKind<SelfAttentionLayer> {

    @Override
    public Class<SelfAttentionLayer> configuration() {
        return SelfAttentionLayer.class;
    }

    @Override
    public Map<String, WeightMatrix> weights(SelfAttentionLayer layer) {
        return new Weights().attention(layer.getLayerParams().getParamShapes()).all();
    }

    @Override
    public long width(SelfAttentionLayer layer) {
        return layer.getNIn();
    }

    @Override
    public Optional<RNNFormat> sequenceOrder(SelfAttentionLayer layer) {
        return Optional.of(RNNFormat.NCW);
    }

    @Override
    public Optional<ExampleProducts> products(SelfAttentionLayer layer, InputType from, InputType to) {
        long width = layer.getNIn();
        return ExampleProducts.places(from)
                .map(steps -> Attention.products(
                        layer.getLayerParams().getParamShapes(), new Attention.Sizes(steps, steps, width, width)));
    }

    @Override
    public boolean runsAsFrozenSequence(SelfAttentionLayer layer) {
        return true;
    }

    @Override
    public Layer frozenSequence(SelfAttentionLayer layer, FrozenSequences sequences, INDArray parameters) {
        return RunningSequences.attention(layer, layer.getNIn(), sequences, parameters);
    }
}
