/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import static org.deeplearning4j.nn.params.ConvolutionParamInitializer.BIAS_KEY;
import static org.deeplearning4j.nn.params.ConvolutionParamInitializer.WEIGHT_KEY;

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
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A depthwise convolution; frozen. */
public final class DepthwiseConvolutionKind implements LayerKind<DepthwiseConvolution2D> {

    @Override
    public Class<DepthwiseConvolution2D> configuration() {
        return DepthwiseConvolution2D.class;
    }

    @Override
    public Map<String, WeightMatrix> weights(DepthwiseConvolution2D layer) {
        int[] size = layer.getKernelSize();
        long[] shape = {size[0], size[1], layer.getNIn(), layer.getDepthMultiplier()};
        return Weights.of(WEIGHT_KEY, WeightMatrix.ofAxes(shape, new int[] {0, 1}, new int[] {2, 3}));
    }

    @Override
    public Optional<ExampleProducts> products(DepthwiseConvolution2D layer, InputType from, InputType to) {
        return ExampleProducts.at(to, weights(layer).keySet());
    }

    @Override
    public int read(LayerReading<DepthwiseConvolution2D> reading) {
        DepthwiseConvolution2D layer = reading.layer();
        Shape from = Convolutions.images(reading);
        reading.requireNoWeightNoise(layer);
        Window window = Windows.of(reading.vertex(), layer, from);
        LayerParameters parameters = reading.parameters();
        INDArray weight = parameters.require(WEIGHT_KEY);
        int channels = Math.toIntExact(weight.size(2) * weight.size(3));
        Optional<Constant> bias = layer.hasBias() ? Optional.of(parameters.constant(BIAS_KEY)) : Optional.empty();
        Operation operation =
                new Operation.Depthwise(parameters.constant(WEIGHT_KEY), bias, window, Activation.IDENTITY);
        return reading.activated(layer.getActivationFn(), reading.add(operation, Windows.after(window, channels)));
    }

    @Override
    public Optional<Boolean> channelsFirst(DepthwiseConvolution2D layer) {
        return Convolutions.channelsFirst(layer);
    }

    @Override
    public boolean isExampleWise() {
        return true;
    }
}
