/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import static org.deeplearning4j.nn.params.ConvolutionParamInitializer.WEIGHT_KEY;

import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.network.ExampleProducts;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.WeightMatrix;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;

/** A transposed convolution of images; not expressed as operations. */
public final class DeconvolutionKind implements LayerKind<Deconvolution2D> {

    @Override
    public Class<Deconvolution2D> configuration() {
        return Deconvolution2D.class;
    }

    @Override
    public Map<String, WeightMatrix> weights(Deconvolution2D layer) {
        int[] size = layer.getKernelSize();
        long[] shape = {layer.getNIn(), layer.getNOut(), size[0], size[1]};
        return Weights.of(WEIGHT_KEY, WeightMatrix.ofAxes(shape, new int[] {0}, new int[] {1, 2, 3}));
    }

    @Override
    public Optional<ExampleProducts> products(Deconvolution2D layer, InputType from, InputType to) {
        return ExampleProducts.at(from, weights(layer).keySet());
    }

    @Override
    public Optional<Boolean> channelsFirst(Deconvolution2D layer) {
        return Convolutions.channelsFirst(layer);
    }

    @Override
    public boolean isExampleWise() {
        return true;
    }
}
