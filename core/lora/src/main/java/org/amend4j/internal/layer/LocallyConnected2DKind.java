/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.network.ExampleProducts;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.WeightMatrix;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.LocallyConnected2D;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;

/** A convolution of images with weights of its own at each place. */
public final class LocallyConnected2DKind implements LayerKind<LocallyConnected2D> {

    @Override
    public Class<LocallyConnected2D> configuration() {
        return LocallyConnected2D.class;
    }

    @Override
    public Map<String, WeightMatrix> weights(LocallyConnected2D layer) {
        long[] shape = Weights.shape(layer, ConvolutionParamInitializer.WEIGHT_KEY);
        return Weights.of(
                ConvolutionParamInitializer.WEIGHT_KEY, WeightMatrix.ofAxes(shape, new int[] {0, 1}, new int[] {2}));
    }

    /** Each place has its own part of the weight. */
    @Override
    public Optional<ExampleProducts> products(LocallyConnected2D layer, InputType from, InputType to) {
        return Optional.of(ExampleProducts.of(weights(layer).keySet(), 1));
    }
}
