/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.layer;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.amend4j.network.Axis;
import org.amend4j.network.FrozenForm;
import org.amend4j.network.LayerParameters;
import org.amend4j.network.LayerReading;
import org.amend4j.network.Operation;
import org.amend4j.network.Shape;
import org.amend4j.network.Window;
import org.amend4j.network.Windows;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What the kinds of convolutions share. */
final class Convolutions {

    private static final Set<ConvolutionMode> MODES =
            Set.of(ConvolutionMode.Same, ConvolutionMode.Truncate, ConvolutionMode.Strict);

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
        Operation product = new Operation.Product(
                parameters.inOrder(ConvolutionParamInitializer.WEIGHT_KEY),
                parameters.vector(ConvolutionParamInitializer.BIAS_KEY, layer.hasBias()),
                Windows.isTrivial(window, from) ? Optional.empty() : Optional.of(window),
                reading.adapter(),
                reading.activation(layer.getActivationFn()));
        return reading.add(product, Windows.after(window, Math.toIntExact(layer.getNOut())));
    }

    /** The images that are read, which must have the layer's channels. */
    static Shape images(LayerReading<? extends ConvolutionLayer> reading) {
        ConvolutionLayer layer = reading.layer();
        Shape from = reading.from();
        if (layer.getNIn() != from.channels() || reading.readsTokens() || layer.getKernelSize().length != 2) {
            throw reading.unsupported("reads images of " + layer.getNIn() + " channels, got " + from);
        }
        return from;
    }

    static Optional<FrozenForm> frozenForm(ConvolutionLayer layer, Map<String, INDArray> weights) {
        return grid(layer)
                .map(grid -> new FrozenForm.Convolution(
                        grid,
                        weight(weights, ConvolutionParamInitializer.WEIGHT_KEY),
                        bias(layer, weights),
                        layer.getActivationFn()));
    }

    /** How windows lie on images, if they do so in both dimensions and in a mode that is known. */
    static Optional<FrozenForm.Grid> grid(ConvolutionLayer layer) {
        return layer.getKernelSize().length == 2 && MODES.contains(layer.getConvolutionMode())
                ? Optional.of(new FrozenForm.Grid(layer.getCnn2dDataFormat(), Axis.of(layer, 0), Axis.of(layer, 1)))
                : Optional.empty();
    }

    static Optional<INDArray> bias(ConvolutionLayer layer, Map<String, INDArray> weights) {
        return layer.hasBias() ? Optional.of(weight(weights, ConvolutionParamInitializer.BIAS_KEY)) : Optional.empty();
    }

    static INDArray weight(Map<String, INDArray> weights, String key) {
        return Objects.requireNonNull(weights.get(key), key);
    }
}
