/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.network.ExampleProducts;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.WeightMatrix;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.LocallyConnected1D;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;

/** A convolution of sequences with weights of its own at each place. */
public final class LocallyConnected1DKind implements LayerKind<LocallyConnected1D> {

    @Override
    public Class<LocallyConnected1D> configuration() {
        return LocallyConnected1D.class;
    }

    @Override
    public Map<String, WeightMatrix> weights(LocallyConnected1D layer) {
        long[] shape = Weights.shape(layer, ConvolutionParamInitializer.WEIGHT_KEY);
        return Weights.of(
                ConvolutionParamInitializer.WEIGHT_KEY, WeightMatrix.ofAxes(shape, new int[] {0, 1}, new int[] {2}));
    }

    /** Each place has its own part of the weight. */
    @Override
    public Optional<ExampleProducts> products(LocallyConnected1D layer, InputType from, InputType to) {
        return Optional.of(ExampleProducts.of(weights(layer).keySet(), 1));
    }
}
