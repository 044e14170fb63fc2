/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.network.ExampleProducts;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerKinds;
import org.amend4j.internal.network.WeightMatrix;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.inputs.InputType.InputTypeRecurrent;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;

/** A layer on rows, applied at every time step. */
public final class TimeDistributedKind implements LayerKind<TimeDistributed> {

    @Override
    public Class<TimeDistributed> configuration() {
        return TimeDistributed.class;
    }

    @Override
    public List<String> biases(TimeDistributed layer) {
        return LayerKinds.biases(layer.getUnderlying());
    }

    @Override
    public Map<String, WeightMatrix> weights(TimeDistributed layer) {
        return LayerKinds.weights(layer.getUnderlying());
    }

    @Override
    public Optional<ExampleProducts> products(TimeDistributed layer, InputType from, InputType to) {
        return from instanceof InputTypeRecurrent read && to instanceof InputTypeRecurrent put
                ? ExampleProducts.places(from)
                        .flatMap(steps -> LayerKinds.products(
                                        layer.getUnderlying(),
                                        InputType.feedForward(read.getSize()),
                                        InputType.feedForward(put.getSize()))
                                .map(step -> step.times(steps)))
                : Optional.empty();
    }

    @Override
    public boolean readsSequences() {
        return true;
    }
}
