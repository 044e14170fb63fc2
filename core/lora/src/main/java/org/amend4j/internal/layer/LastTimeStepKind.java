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
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.recurrent.LastTimeStep;
import org.deeplearning4j.nn.layers.recurrent.LastTimeStepLayer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The last output of a recurrent layer. */
public final class LastTimeStepKind implements LayerKind<LastTimeStep> {

    @Override
    public Class<LastTimeStep> configuration() {
        return LastTimeStep.class;
    }

    @Override
    public List<String> biases(LastTimeStep layer) {
        return LayerKinds.biases(layer.getUnderlying());
    }

    @Override
    public Map<String, WeightMatrix> weights(LastTimeStep layer) {
        return LayerKinds.weights(layer.getUnderlying());
    }

    @Override
    public Optional<ExampleProducts> products(LastTimeStep layer, InputType from, InputType to) {
        return LayerKinds.products(layer.getUnderlying(), from, to);
    }

    @Override
    public boolean readsSequences() {
        return true;
    }

    @Override
    public boolean runsAsFrozenSequence(LastTimeStep layer) {
        return RunningSequences.serves(layer.getUnderlying());
    }

    @Override
    public Layer frozenSequence(LastTimeStep layer, FrozenSequences sequences, INDArray parameters) {
        return new LastTimeStepLayer(sequences.inside(layer.getUnderlying(), parameters));
    }
}
