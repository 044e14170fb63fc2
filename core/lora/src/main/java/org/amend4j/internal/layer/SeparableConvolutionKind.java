/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import static org.deeplearning4j.nn.params.SeparableConvolutionParamInitializer.BIAS_KEY;
import static org.deeplearning4j.nn.params.SeparableConvolutionParamInitializer.DEPTH_WISE_WEIGHT_KEY;
import static org.deeplearning4j.nn.params.SeparableConvolutionParamInitializer.POINT_WISE_WEIGHT_KEY;

import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.network.Activation;
import org.amend4j.internal.network.ExampleProducts;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.LayerParameters;
import org.amend4j.internal.network.LayerReading;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Shape;
import org.amend4j.internal.network.Values.Constant;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.internal.network.Window;
import org.amend4j.internal.network.Windows;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;

/** A depthwise convolution, then a pointwise one; frozen. */
public final class SeparableConvolutionKind implements LayerKind<SeparableConvolution2D> {

    @Override
    public Class<SeparableConvolution2D> configuration() {
        return SeparableConvolution2D.class;
    }

    @Override
    public Map<String, WeightMatrix> weights(SeparableConvolution2D layer) {
        int[] size = layer.getKernelSize();
        long[] depthwise = {layer.getDepthMultiplier(), layer.getNIn(), size[0], size[1]};
        long[] pointwise = {layer.getNOut(), layer.getNIn() * layer.getDepthMultiplier(), 1, 1};
        return new Weights()
                .with(DEPTH_WISE_WEIGHT_KEY, WeightMatrix.ofAxes(depthwise, new int[] {0, 1}, new int[] {2, 3}))
                .with(POINT_WISE_WEIGHT_KEY, WeightMatrix.ofAxes(pointwise, new int[] {1}, new int[] {0, 2, 3}))
                .all();
    }

    @Override
    public Optional<ExampleProducts> products(SeparableConvolution2D layer, InputType from, InputType to) {
        return ExampleProducts.at(to, weights(layer).keySet())
                .map(products -> products.withInner(POINT_WISE_WEIGHT_KEY));
    }

    @Override
    public int read(LayerReading<SeparableConvolution2D> reading) {
        SeparableConvolution2D layer = reading.layer();
        Shape from = Convolutions.images(reading);
        reading.requireNoWeightNoise(layer);
        Window window = Windows.of(reading.vertex(), layer, from);
        LayerParameters parameters = reading.parameters();
        Constant kernel = parameters.constant(DEPTH_WISE_WEIGHT_KEY, 2, 3, 1, 0);
        int channels = Math.toIntExact(
                from.channels() * parameters.require(DEPTH_WISE_WEIGHT_KEY).size(0));
        int each = reading.add(
                new Operation.Depthwise(kernel, Optional.empty(), window, Activation.IDENTITY),
                Windows.after(window, channels));
        Operation mixing = new Operation.Product(
                parameters.constant(POINT_WISE_WEIGHT_KEY),
                layer.hasBias() ? Optional.of(parameters.constant(BIAS_KEY)) : Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Activation.IDENTITY);
        Shape to = Windows.after(window, Math.toIntExact(layer.getNOut()));
        return reading.activated(layer.getActivationFn(), reading.add(mixing, each, to));
    }

    @Override
    public Optional<Boolean> channelsFirst(SeparableConvolution2D layer) {
        return Convolutions.channelsFirst(layer);
    }

    @Override
    public boolean isExampleWise() {
        return true;
    }
}
