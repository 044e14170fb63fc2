/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.Arrays;
import java.util.Optional;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerReading;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Shape;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.convolutional.Cropping2D;

/** Cropping of images. */
public final class CroppingKind implements LayerKind<Cropping2D> {

    @Override
    public Class<Cropping2D> configuration() {
        return Cropping2D.class;
    }

    @Override
    public int read(LayerReading<Cropping2D> reading) {
        Shape from = reading.from();
        int[] edges = reading.layer().getCropping();
        int height = from.height() - edges[0] - edges[1];
        int width = from.width() - edges[2] - edges[3];
        if (height < 1 || width < 1) {
            throw reading.unsupported("crops " + Arrays.toString(edges) + ", which leaves nothing of " + from);
        }
        return reading.add(new Operation.Crop(edges[0], edges[2]), new Shape(height, width, from.channels()));
    }

    @Override
    public Optional<Boolean> channelsFirst(Cropping2D layer) {
        return Optional.of(layer.getDataFormat() == CNN2DFormat.NCHW);
    }

    @Override
    public boolean isExampleWise() {
        return true;
    }
}
