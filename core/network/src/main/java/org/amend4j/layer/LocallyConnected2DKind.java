/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.layer;

import java.util.Map;
import org.amend4j.network.LayerKind;
import org.amend4j.network.WeightMatrix;
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
}
