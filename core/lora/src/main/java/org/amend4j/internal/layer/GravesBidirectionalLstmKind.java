/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import static org.deeplearning4j.nn.params.GravesBidirectionalLSTMParamInitializer.INPUT_WEIGHT_KEY_BACKWARDS;
import static org.deeplearning4j.nn.params.GravesBidirectionalLSTMParamInitializer.INPUT_WEIGHT_KEY_FORWARDS;
import static org.deeplearning4j.nn.params.GravesBidirectionalLSTMParamInitializer.RECURRENT_WEIGHT_KEY_BACKWARDS;
import static org.deeplearning4j.nn.params.GravesBidirectionalLSTMParamInitializer.RECURRENT_WEIGHT_KEY_FORWARDS;

import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.lora.sequence.RunningSequences;
import org.amend4j.internal.network.ExampleProducts;
import org.amend4j.internal.network.FrozenSequences;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.WeightMatrix;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.GravesBidirectionalLSTM;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Two LSTMs with peepholes, one in each direction of time, whose outputs are added. */
@SuppressWarnings("deprecation") // old models have it
public final class GravesBidirectionalLstmKind implements LayerKind<GravesBidirectionalLSTM> {

    @Override
    public Class<GravesBidirectionalLSTM> configuration() {
        return GravesBidirectionalLSTM.class;
    }

    @Override
    public Map<String, WeightMatrix> weights(GravesBidirectionalLSTM layer) {
        long nIn = layer.getNIn();
        long n = layer.getNOut();
        return new Weights()
                .gates(INPUT_WEIGHT_KEY_FORWARDS, RECURRENT_WEIGHT_KEY_FORWARDS, true, nIn, n)
                .gates(INPUT_WEIGHT_KEY_BACKWARDS, RECURRENT_WEIGHT_KEY_BACKWARDS, true, nIn, n)
                .all();
    }

    @Override
    public Optional<ExampleProducts> products(GravesBidirectionalLSTM layer, InputType from, InputType to) {
        return ExampleProducts.at(from, weights(layer).keySet())
                .map(products -> products.withRecurrent(RECURRENT_WEIGHT_KEY_FORWARDS, RECURRENT_WEIGHT_KEY_BACKWARDS));
    }

    @Override
    public boolean runsAsFrozenSequence(GravesBidirectionalLSTM layer) {
        return RunningSequences.serves(layer.getActivationFn(), layer.getGateActivationFn());
    }

    @Override
    public Layer frozenSequence(GravesBidirectionalLSTM layer, FrozenSequences sequences, INDArray parameters) {
        return RunningSequences.bidirectionalLstm(layer, layer.getGateActivationFn(), sequences, parameters);
    }
}
