/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.Optional;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerReading;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.RnnLossLayer;

/** A loss at every time step, without weights. */
public final class RnnLossKind implements LayerKind<RnnLossLayer> {

    @Override
    public Class<RnnLossLayer> configuration() {
        return RnnLossLayer.class;
    }

    @Override
    public int read(LayerReading<RnnLossLayer> reading) {
        return reading.lossEnd(reading.layer().getLossFn(), reading.layer().getActivationFn());
    }

    @Override
    public Optional<RNNFormat> sequenceOrder(RnnLossLayer layer) {
        return Optional.ofNullable(layer.getRnnDataFormat());
    }

    @Override
    public boolean readsSequences() {
        return true;
    }

    @Override
    public Optional<String> labelFault(RnnLossLayer layer) {
        return layer.getRnnDataFormat() == RNNFormat.NWC
                ? Optional.of(
                        "is an RnnLossLayer in NWC format, which Deeplearning4j compares with its own input instead of"
                                + " the labels: use NCW")
                : Optional.empty();
    }

    @Override
    public boolean readsSteps() {
        return true;
    }
}
