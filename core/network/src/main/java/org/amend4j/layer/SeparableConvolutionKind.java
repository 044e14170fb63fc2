/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.layer;

import java.util.Map;
import java.util.Optional;
import org.amend4j.network.FrozenForm;
import org.amend4j.network.LayerKind;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.params.SeparableConvolutionParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A depthwise convolution, then a pointwise one; not expressed as operations. */
public final class SeparableConvolutionKind implements LayerKind<SeparableConvolution2D> {

    @Override
    public Class<SeparableConvolution2D> configuration() {
        return SeparableConvolution2D.class;
    }

    @Override
    public Optional<Boolean> channelsFirst(SeparableConvolution2D layer) {
        return Convolutions.channelsFirst(layer);
    }

    @Override
    public boolean isExampleWise() {
        return true;
    }

    @Override
    public Optional<FrozenForm> frozenForm(SeparableConvolution2D layer, Map<String, INDArray> weights) {
        return Convolutions.grid(layer)
                .map(grid -> new FrozenForm.Separable(
                        grid,
                        Convolutions.weight(weights, SeparableConvolutionParamInitializer.DEPTH_WISE_WEIGHT_KEY)
                                .permute(2, 3, 1, 0)
                                .dup('c'),
                        Convolutions.weight(weights, SeparableConvolutionParamInitializer.POINT_WISE_WEIGHT_KEY),
                        Convolutions.bias(layer, weights),
                        layer.getActivationFn()));
    }
}
