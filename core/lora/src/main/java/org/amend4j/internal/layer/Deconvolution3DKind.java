/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.layer;

import static org.deeplearning4j.nn.params.ConvolutionParamInitializer.WEIGHT_KEY;

import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.network.ExampleProducts;
import org.amend4j.internal.network.LayerKind;
import org.amend4j.internal.network.WeightMatrix;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Deconvolution3D;

/** A transposed convolution of volumes. */
public final class Deconvolution3DKind implements LayerKind<Deconvolution3D> {

    @Override
    public Class<Deconvolution3D> configuration() {
        return Deconvolution3D.class;
    }

    @Override
    public Map<String, WeightMatrix> weights(Deconvolution3D layer) {
        int[] size = layer.getKernelSize();
        long[] shape = {size[0], size[1], size[2], layer.getNOut(), layer.getNIn()};
        return Weights.of(WEIGHT_KEY, WeightMatrix.ofAxes(shape, new int[] {0, 1, 2, 3}, new int[] {4}));
    }

    @Override
    public Optional<ExampleProducts> products(Deconvolution3D layer, InputType from, InputType to) {
        return ExampleProducts.at(from, weights(layer).keySet());
    }
}
