/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.lora.sequence.RunningSequences;
import org.amend4j.internal.network.ExampleProducts;
import org.amend4j.internal.network.FrozenSequences;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.WeightMatrix;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.util.MaskZeroLayer;
import org.deeplearning4j.util.TimeSeriesUtils;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A recurrent layer that skips time steps with a given mask value. */
public final class MaskZeroKind implements LayerKind<MaskZeroLayer> {

    @Override
    public Class<MaskZeroLayer> configuration() {
        return MaskZeroLayer.class;
    }

    @Override
    public List<String> biases(MaskZeroLayer layer) {
        return LayerKinds.biases(layer.getUnderlying());
    }

    @Override
    public Map<String, WeightMatrix> weights(MaskZeroLayer layer) {
        return LayerKinds.weights(layer.getUnderlying());
    }

    @Override
    public Optional<ExampleProducts> products(MaskZeroLayer layer, InputType from, InputType to) {
        return LayerKinds.products(layer.getUnderlying(), from, to);
    }

    @Override
    public boolean readsSequences() {
        return true;
    }

    @Override
    public boolean runsAsFrozenSequence(MaskZeroLayer layer) {
        return RunningSequences.serves(layer.getUnderlying());
    }

    @Override
    public Layer frozenSequence(MaskZeroLayer layer, FrozenSequences sequences, INDArray parameters) {
        return RunningSequences.masked(
                sequences.inside(layer.getUnderlying(), parameters),
                layer.getMaskingValue(),
                format(layer.getUnderlying()));
    }

    /** Deeplearning4j knows that of recurrent layers only. */
    private static RNNFormat format(org.deeplearning4j.nn.conf.layers.Layer layer) {
        return LayerKinds.of(layer)
                .flatMap(LayerKinds.Known::sequenceOrder)
                .orElseGet(() -> TimeSeriesUtils.getFormatFromRnnLayer(layer));
    }
}
