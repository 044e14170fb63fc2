/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import static org.deeplearning4j.nn.params.SimpleRnnParamInitializer.RECURRENT_WEIGHT_KEY;
import static org.deeplearning4j.nn.params.SimpleRnnParamInitializer.WEIGHT_KEY;

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
import org.deeplearning4j.nn.conf.layers.recurrent.SimpleRnn;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A recurrent layer without gates. */
public final class SimpleRnnKind implements LayerKind<SimpleRnn> {

    @Override
    public Class<SimpleRnn> configuration() {
        return SimpleRnn.class;
    }

    @Override
    public Map<String, WeightMatrix> weights(SimpleRnn layer) {
        return new Weights()
                .with(WEIGHT_KEY, WeightMatrix.plain(layer.getNIn(), layer.getNOut()))
                .with(RECURRENT_WEIGHT_KEY, WeightMatrix.plain(layer.getNOut(), layer.getNOut()))
                .all();
    }

    @Override
    public Optional<ExampleProducts> products(SimpleRnn layer, InputType from, InputType to) {
        return ExampleProducts.at(from, weights(layer).keySet())
                .map(products -> products.withRecurrent(RECURRENT_WEIGHT_KEY));
    }

    /** Deeplearning4j goes step by step through [features, time] only. */
    @Override
    public boolean isStepwise(SimpleRnn layer) {
        return layer.getRnnDataFormat() != RNNFormat.NWC;
    }

    @Override
    public boolean runsAsFrozenSequence(SimpleRnn layer) {
        return !layer.hasLayerNorm() && RunningSequences.serves(layer.getActivationFn(), layer.getActivationFn());
    }

    @Override
    public Layer frozenSequence(SimpleRnn layer, FrozenSequences sequences, INDArray parameters) {
        return RunningSequences.simple(layer, sequences, parameters);
    }
}
