/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import static org.deeplearning4j.nn.params.ConvolutionParamInitializer.BIAS_KEY;
import static org.deeplearning4j.nn.params.ConvolutionParamInitializer.WEIGHT_KEY;

import java.util.Optional;
import org.amend4j.internal.network.LayerParameters;
import org.amend4j.internal.network.LayerReading;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.PatchOrder;
import org.amend4j.internal.network.Shape;
import org.amend4j.internal.network.Window;
import org.amend4j.internal.network.Windows;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;

/** What the kinds of convolutions share. */
final class Convolutions {

    private Convolutions() {}

    static Optional<Boolean> channelsFirst(ConvolutionLayer layer) {
        return Optional.of(layer.getCnn2dDataFormat() == CNN2DFormat.NCHW);
    }

    static int read(LayerReading<? extends ConvolutionLayer> reading) {
        ConvolutionLayer layer = reading.layer();
        Shape from = images(reading);
        reading.requireNoWeightNoise(layer);
        Window window = Windows.of(reading.vertex(), layer, from);
        LayerParameters parameters = reading.parameters();
        boolean onPixels = Windows.isTrivial(window, from);
        boolean turns = !onPixels && !parameters.trained() && !reading.hasAdapter(); // what is trained stays as it is
        Optional<Operation.Patches> patches = onPixels
                ? Optional.empty()
                : Optional.of(new Operation.Patches(window, turns ? PatchOrder.TAP_CHANNEL : PatchOrder.CHANNEL_TAP));
        return reading.product(
                turns ? parameters.constant(WEIGHT_KEY, 0, 2, 3, 1) : parameters.inOrder(WEIGHT_KEY),
                parameters.vector(BIAS_KEY, layer.hasBias()),
                patches,
                reading.activation(layer.getActivationFn()),
                Windows.after(window, Math.toIntExact(layer.getNOut())));
    }

    /** The images that are read, which must have the layer's channels. */
    static Shape images(LayerReading<? extends ConvolutionLayer> reading) {
        ConvolutionLayer layer = reading.layer();
        Shape from = reading.from();
        if (layer.getNIn() != from.channels() || reading.readsWords() || layer.getKernelSize().length != 2) {
            throw reading.unsupported("reads images of " + layer.getNIn() + " channels, got " + from);
        }
        return from;
    }
}
