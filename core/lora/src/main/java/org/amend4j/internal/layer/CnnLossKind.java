/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.Optional;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerReading;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.CnnLossLayer;

/** A loss on every pixel of the layer's input, without weights. */
public final class CnnLossKind implements LayerKind<CnnLossLayer> {

    @Override
    public Class<CnnLossLayer> configuration() {
        return CnnLossLayer.class;
    }

    @Override
    public int read(LayerReading<CnnLossLayer> reading) {
        return reading.lossEnd(reading.layer().getLossFn(), reading.layer().getActivationFn());
    }

    @Override
    public Optional<Boolean> channelsFirst(CnnLossLayer layer) {
        return Optional.of(layer.getFormat() == CNN2DFormat.NCHW);
    }
}
