/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.Optional;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerReading;
import org.deeplearning4j.nn.conf.layers.Convolution2D;

/** A convolution of images, under its other name; not adapted. */
public final class Convolution2DKind implements LayerKind<Convolution2D> {

    @Override
    public Class<Convolution2D> configuration() {
        return Convolution2D.class;
    }

    @Override
    public int read(LayerReading<Convolution2D> reading) {
        return Convolutions.read(reading);
    }

    @Override
    public Optional<Boolean> channelsFirst(Convolution2D layer) {
        return Convolutions.channelsFirst(layer);
    }

    @Override
    public boolean isExampleWise() {
        return true;
    }
}
