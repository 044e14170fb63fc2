/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.layer;

import java.util.Map;
import java.util.Optional;
import org.amend4j.network.FrozenForm;
import org.amend4j.network.LayerKind;
import org.amend4j.network.LayerReading;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.nd4j.linalg.api.ndarray.INDArray;

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

    @Override
    public Optional<FrozenForm> frozenForm(Convolution2D layer, Map<String, INDArray> weights) {
        return Convolutions.frozenForm(layer, weights);
    }
}
