/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.Optional;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerReading;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Shape;
import org.amend4j.internal.network.Window;
import org.amend4j.internal.network.Windows;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;

/** Pooling: maxima or averages of windows. */
public final class SubsamplingKind implements LayerKind<SubsamplingLayer> {

    @Override
    public Class<SubsamplingLayer> configuration() {
        return SubsamplingLayer.class;
    }

    @Override
    public int read(LayerReading<SubsamplingLayer> reading) {
        SubsamplingLayer layer = reading.layer();
        Shape from = reading.from();
        Window window = Windows.of(reading.vertex(), layer, from);
        Operation operation = switch (layer.getPoolingType()) {
            case MAX -> new Operation.MaxPool(window);
            case AVG -> new Operation.AveragePool(window, layer.isAvgPoolIncludePadInDivisor());
            default -> throw reading.unsupported("pools by " + layer.getPoolingType());
        };
        return reading.add(operation, Windows.after(window, from.channels()));
    }

    @Override
    public Optional<Boolean> channelsFirst(SubsamplingLayer layer) {
        return Optional.of(layer.getCnn2dDataFormat() == CNN2DFormat.NCHW);
    }

    @Override
    public boolean isExampleWise() {
        return true;
    }
}
