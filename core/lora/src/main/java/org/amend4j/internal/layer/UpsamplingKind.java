/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.Optional;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerReading;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Shape;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.Upsampling2D;

/** Upsampling of images: each pixel becomes a block of equal pixels. */
public final class UpsamplingKind implements LayerKind<Upsampling2D> {

    @Override
    public Class<Upsampling2D> configuration() {
        return Upsampling2D.class;
    }

    @Override
    public int read(LayerReading<Upsampling2D> reading) {
        Shape from = reading.from();
        int[] factors = reading.layer().getSize();
        Shape to = new Shape(
                Math.multiplyExact(from.height(), factors[0]),
                Math.multiplyExact(from.width(), factors[1]),
                from.channels());
        return reading.add(new Operation.Upsample(factors[0], factors[1]), to);
    }

    @Override
    public Optional<Boolean> channelsFirst(Upsampling2D layer) {
        return Optional.of(layer.getFormat() == CNN2DFormat.NCHW);
    }

    @Override
    public boolean isExampleWise() {
        return true;
    }
}
