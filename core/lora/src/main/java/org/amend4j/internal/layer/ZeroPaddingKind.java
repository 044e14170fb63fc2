/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.Optional;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerReading;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Window;
import org.amend4j.internal.network.Windows;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;

/** Zero padding of images. */
public final class ZeroPaddingKind implements LayerKind<ZeroPaddingLayer> {

    @Override
    public Class<ZeroPaddingLayer> configuration() {
        return ZeroPaddingLayer.class;
    }

    @Override
    public int read(LayerReading<ZeroPaddingLayer> reading) {
        Window window = Windows.padding(reading.layer(), reading.from());
        return reading.add(
                new Operation.AveragePool(window, true),
                Windows.after(window, reading.from().channels()));
    }

    @Override
    public Optional<Boolean> channelsFirst(ZeroPaddingLayer layer) {
        return Optional.of(layer.getDataFormat() == CNN2DFormat.NCHW);
    }

    @Override
    public boolean isExampleWise() {
        return true;
    }
}
